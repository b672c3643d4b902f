import type { FabricPicture } from '../picture/fabric-picture.js';
import { type PolicyState, refuseTiers } from '../picture/policy-state.js';
import { type Oracle, oracleOf, Specification } from './oracle.js';
import { outsideClasses, type PlaceClass, podClasses } from './places.js';
import { type Proof, prove } from './prove.js';

/** The proof, and what it was about. */
export interface Verification {
  readonly proof: Proof;
  readonly oracle: Oracle;
  readonly pods: readonly PlaceClass[];
  readonly outside: readonly PlaceClass[];
}

/**
 * Checks the managed objects of the picture against the plain specification of the same API objects. Throws
 * an InvalidInputError where there are policies that the proof does not cover yet.
 */
export function verify(state: PolicyState, picture: FabricPicture): Verification {
  refuseTiers(state, 'verify');
  const { objects, snapshot } = state;
  const oracle = oracleOf(objects, snapshot.findings);
  const classify = picture.classOf.bind(picture);
  const pods = podClasses(oracle, classify);
  const outside = outsideClasses(oracle, picture.outsidePrefixes(), classify);
  const splitEpgs = picture.compiled.findings.flatMap(({ code, object }) =>
    code === 'IPBLOCK_SPLITS_EPG' || code === 'NODE_SPLIT' ? [object.replace(/^EPG\//, '')] : [],
  );
  const proof = prove({
    specification: new Specification(oracle),
    evaluator: picture.evaluator,
    pods,
    outside,
    splitEpgs: new Set(splitEpgs),
  });
  return { proof, oracle, pods, outside };
}

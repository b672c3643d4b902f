import { InvalidInputError } from '#errors';
import type { FabricPicture } from '../picture/fabric-picture.js';
import type { PolicyState } from '../picture/policy-state.js';
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
 * {@link InvalidInputError} where there are policies that the proof does not cover yet.
 */
export function verify({ objects, snapshot }: PolicyState, picture: FabricPicture): Verification {
  const [tiered] = snapshot.tieredPolicies.keys();
  if (tiered !== undefined) {
    throw new InvalidInputError(
      `${tiered}: verify proves NetworkPolicies only so far; leave out policies of the tiers around them, or use explain`,
    );
  }
  const oracle = oracleOf(objects, snapshot.findings);
  const classify = picture.classOf.bind(picture);
  const pods = podClasses(oracle, classify);
  const outside = outsideClasses(oracle, picture.outsidePrefixes(), classify);
  const splitEpgs = picture.compiled.findings.flatMap(({ code, object }) =>
    code === 'IPBLOCK_SPLITS_EPG' ? [object.replace(/^EPG\//, '')] : [],
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

import type { FabricPicture } from '../picture/fabric-picture.js';
import type { PolicyState } from '../picture/policy-state.js';
import { splitEpgsIn } from './excess.js';
import { mentionsOf } from './mentions.js';
import { type Oracle, oracleOf } from './oracle.js';
import { outsideClasses, type PlaceClass, podClasses } from './places.js';
import { type Proof, type ProofInput, prove } from './prove.js';
import { Specification } from './specification.js';

/** The proof, and what it was about. */
export interface Verification {
  readonly proof: Proof;
  readonly oracle: Oracle;
  readonly pods: readonly PlaceClass[];
  readonly outside: readonly PlaceClass[];
}

/**
 * Checks the managed objects of the picture against the plain specification of the same API objects. `onProgress` is told how
 * many addresses are done, of how many of one family.
 */
export function verify(
  { objects, snapshot, grants }: PolicyState,
  picture: FabricPicture,
  onProgress: NonNullable<ProofInput['onProgress']> = () => undefined,
): Verification {
  const oracle = oracleOf(objects, snapshot.findings, grants);
  const mentions = mentionsOf(oracle.state);
  const classify = picture.classOf.bind(picture);
  const pods = podClasses(oracle, mentions, classify);
  const outside = outsideClasses(oracle, mentions, { prefixes: picture.outsidePrefixes(), classify });
  const proof = prove({
    specification: new Specification(oracle.state),
    evaluator: picture.evaluator,
    mentions,
    pods,
    outside,
    splitEpgs: splitEpgsIn(picture.compiled.findings),
    approximation: picture.approximation,
    onProgress,
  });
  return { proof, oracle, pods, outside };
}

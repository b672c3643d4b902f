import type { Change } from '#fabric';
import { isSameObject } from '#model/aci';

/** Changes of which something is left to others, as the drift worker judged them last: for whoever plans without judging anew. */
export class JudgedChanges {
  readonly #judged = new Map<string, { readonly change: Change; readonly rest: Change | undefined }>();

  /** The judge with a note of what it leaves out; what was noted before is forgotten. */
  noting(judge: (change: Change) => Change | undefined): (change: Change) => Change | undefined {
    this.#judged.clear();
    return (change) => {
      const rest = judge(change);
      if (rest !== change) this.#judged.set(change.object.dn, { change, rest });
      return rest;
    };
  }

  /** The change as the last judgement left it, as long as it is the same change. */
  readonly restOf = (change: Change): Change | undefined => {
    const judged = this.#judged.get(change.object.dn);
    return judged === undefined || !isSame(judged.change, change) ? change : judged.rest;
  };
}

const isSame = (one: Change, other: Change): boolean =>
  one.kind === other.kind &&
  isSameObject(one.object, other.object) &&
  (one.kind === 'delete' || other.kind === 'delete' || one.fields.join() === other.fields.join());

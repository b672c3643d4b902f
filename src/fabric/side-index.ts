import type { FlatObject } from '#model/aci';
import { isOutsideObject } from './outside-prefixes.js';
import { denyingContract } from './phases.js';

/** Objects of one side of a plan that matter beyond the change of their own, kept change by change. */
export class SideIndex {
  /** What decides about prefixes outside the cluster, by Dn. */
  readonly outside = new Map<string, FlatObject>();
  /** Contract of each relation to a filter that denies, by Dn. */
  readonly denials = new Map<string, string>();

  /** Takes in what is at the Dn now. */
  note(dn: string, object: FlatObject | undefined): void {
    const key = object === undefined ? undefined : denyingContract(object);
    if (key === undefined) this.denials.delete(dn);
    else this.denials.set(dn, key);
    if (object !== undefined && isOutsideObject(object)) this.outside.set(dn, object);
    else this.outside.delete(dn);
  }
}

import { type FlatObject, splitDn } from '#model/aci';

/** Steps of the Dn of an endpoint: those of its group, and its own. */
const ENDPOINT_STEPS = 5;

/** Which groups hold endpoints that belong to an endpoint security group by a selector (`fvCEp.esgUsegDn`). */
export class SecurityGroupMembers {
  /** Security groups of endpoints, by the group below which these stand. */
  readonly #byHolder = new Map<string, ReadonlySet<string>>();

  /** Takes in what a group holds now; gives the security groups whose members may be others than before. */
  update(holder: string, held: ReadonlyMap<string, FlatObject>): ReadonlySet<string> {
    const before = this.#byHolder.get(holder) ?? new Set();
    const now = new Set<string>();
    for (const { className, attributes } of held.values()) {
      const group = className === 'fvCEp' ? (attributes['esgUsegDn'] ?? '') : '';
      if (group !== '' && group !== holder) now.add(group);
    }
    if (now.size === 0) this.#byHolder.delete(holder);
    else this.#byHolder.set(holder, now);
    return new Set([...before, ...now]);
  }

  /** Endpoints of a security group that stand below other groups, with what is below them. */
  of(group: string, heldBy: (holder: string) => ReadonlyMap<string, FlatObject>): readonly FlatObject[] {
    const found: FlatObject[] = [];
    for (const [holder, groups] of this.#byHolder) {
      if (!groups.has(group)) continue;
      const held = heldBy(holder);
      for (const object of held.values()) {
        const endpoint = held.get(splitDn(object.dn).slice(0, ENDPOINT_STEPS).join('/'));
        if (endpoint?.className === 'fvCEp' && endpoint.attributes['esgUsegDn'] === group) found.push(object);
      }
    }
    return found;
  }
}

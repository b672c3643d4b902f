import { type FlatObject, splitDn } from '#model/aci';

/** Steps of the Dn of an endpoint: those of its group, and its own. */
const ENDPOINT_STEPS = 5;

/**
 * Which groups hold endpoints, or single addresses of some, that belong to an endpoint security group by a selector (`esgUsegDn` of
 * fvCEp and fvIp; that of an address counts before that of its endpoint).
 */
export class SecurityGroupMembers {
  /** Security groups of endpoints, by the group below which these stand. */
  readonly #byHolder = new Map<string, ReadonlySet<string>>();

  /** Takes in what a group holds now; gives the security groups whose members may be others than before. */
  update(holder: string, held: ReadonlyMap<string, FlatObject>): ReadonlySet<string> {
    const before = this.#byHolder.get(holder) ?? new Set();
    const now = new Set<string>();
    for (const { className, attributes } of held.values()) {
      const group = SELECTED.has(className) ? (attributes['esgUsegDn'] ?? '') : '';
      if (group !== '' && group !== holder) now.add(group);
    }
    if (now.size === 0) this.#byHolder.delete(holder);
    else this.#byHolder.set(holder, now);
    return new Set([...before, ...now]);
  }

  /** Endpoints of a security group that stand below other groups, with what is below them but for addresses that are not in it. */
  of(group: string, heldBy: (holder: string) => ReadonlyMap<string, FlatObject>): readonly FlatObject[] {
    const found: FlatObject[] = [];
    for (const [holder, groups] of this.#byHolder) {
      if (!groups.has(group)) continue;
      const held = heldBy(holder);
      const members = membersIn(held, group);
      for (const object of held.values()) {
        const endpoint = endpointDn(object.dn);
        if (!members.has(endpoint)) continue;
        if (object.className !== 'fvIp' || groupOfAddress(object, held.get(endpoint)) === group) found.push(object);
      }
    }
    return found;
  }
}

const SELECTED: ReadonlySet<string> = new Set(['fvCEp', 'fvIp']);

const endpointDn = (dn: string): string => splitDn(dn).slice(0, ENDPOINT_STEPS).join('/');

const groupOfAddress = ({ attributes }: FlatObject, endpoint: FlatObject | undefined): string | undefined =>
  attributes['esgUsegDn'] || endpoint?.attributes['esgUsegDn'];

/** Dns of the endpoints that are in the security group, or an address of which is. */
function membersIn(held: ReadonlyMap<string, FlatObject>, group: string): ReadonlySet<string> {
  const members = new Set<string>();
  for (const { className, dn, attributes } of held.values()) {
    if (SELECTED.has(className) && attributes['esgUsegDn'] === group) members.add(endpointDn(dn));
  }
  return members;
}

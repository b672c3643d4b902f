import { parentDn } from '#model/aci';
import { ApicError } from '../apic-error.js';
import type { Change, ObjectStore } from '../tree/index.js';

/**
 * From 6.1(1) on a physical domain cannot be deleted while a group or an attachable entity profile has it
 * (noironetworks/acc-provision#1147): code 107. Its text is known from its end alone, by which terraform-provider-aci
 * tells it from other errors of that code (#1443, #1458). Deleting anything else leaves relations without a target.
 *
 * The change looked at is the loss of the domain's back relation; the domain was in use when what it came from stays.
 */
export function domainInUse(
  change: Change,
  { store, release }: { readonly store: ObjectStore; readonly release: string },
): ApicError | undefined {
  const domain = parentDn(change.object.dn) ?? '';
  if (change.kind !== 'deleted' || !domain.startsWith('uni/phys-')) return undefined;
  if (store.get(domain) !== undefined || !isSince(release, [6, 1])) return undefined;
  const user = change.before.tDn ?? '';
  const relation = `${user}/${RELATIONS[change.object.className] ?? ''}-[${domain}]`;
  if (store.get(relation) === undefined) return undefined;
  return new ApicError(400, 107, `${domain} is used by ${user}, make sure it's not used before deleting it`);
}

/** RN of the relation that a back relation belongs to. */
const RELATIONS: Readonly<Record<string, string>> = { infraRtDomP: 'rsdomP', infraRtDomAtt: 'rsdomAtt' };

function isSince(release: string, [major, minor]: readonly [number, number]): boolean {
  const [, found = 0, below = 0] = (/^(\d+)\.(\d+)/.exec(release) ?? []).map(Number);
  return found > major || (found === major && below >= minor);
}

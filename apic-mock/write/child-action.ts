import { classRow } from '#model/aci';
import { unknownValue } from '../apic-error.js';
import type { StoredObject } from '../tree/index.js';
import { implicitChildClasses } from './implicit-children.js';

/** What a request wants to happen to the children of an object that it does not speak of. */
export type ChildAction = 'keep' | 'deleteNonPresent' | 'deleteAll';

const BITS: ReadonlySet<string> = new Set(['deleteAll', 'deleteNonPresent', 'ignore']);

/** Reads `childAction`, a mask (apic-protocol.md §3.2). Throws code 120 for other words. */
export function childActionOf(className: string, action: string | undefined, dn: string): ChildAction {
  if (action === undefined || action === '') return 'keep';
  const bits = action.split(',').map((bit) => bit.trim());
  if (bits.some((bit) => !BITS.has(bit))) throw unknownValue(className, 'childAction', action, dn);
  if (bits.includes('ignore')) return 'keep';
  return bits.includes('deleteAll') ? 'deleteAll' : 'deleteNonPresent';
}

/**
 * The children that have to go before those of the request are written. A guess by the names of the actions
 * (apic-protocol.md §3.2): all, or those that the request does not list; never what the APIC makes by itself.
 */
export function surplusChildren(
  object: StoredObject,
  action: ChildAction,
  listed: readonly { readonly rn: string }[],
): readonly StoredObject[] {
  if (action === 'keep') return [];
  const kept = new Set(action === 'deleteAll' ? [] : listed.map(({ rn }) => rn));
  return [...object.children.values()].filter((child) => !kept.has(child.rn) && isUsers(child));
}

/** Whether users make and delete such objects. */
function isUsers({ className, parent }: StoredObject): boolean {
  const row = classRow(className);
  if (row === undefined || row.configurable === false || row.creatable === 'never') return false;
  if (row.relation?.type === 'reverse' || MADE_OF_EVENTS.has(className)) return false;
  return !implicitChildClasses(parent?.className ?? '').includes(className);
}

/** Configurable, since they can be acknowledged, and yet nobody's. */
const MADE_OF_EVENTS: ReadonlySet<string> = new Set(['faultInst', 'faultDelegate']);

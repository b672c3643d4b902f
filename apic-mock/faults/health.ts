import type { Attributes } from '#model/aci';
import { ancestorsOf, type Change, newAttributes, type StoredObject, type Transaction } from '../tree/index.js';

/** Classes whose objects have a health score and counters of the faults below them. */
const SCORED: ReadonlySet<string> = new Set(['fvTenant', 'fvAp', 'fvAEPg', 'fvBD', 'fvCtx']);

const COUNTERS: Readonly<Record<string, string>> = { critical: 'crit', major: 'maj', minor: 'minor', warning: 'warn' };

/** Points that a fault of each severity costs; a real APIC weighs by policy. */
const COSTS: Readonly<Record<string, number>> = { crit: 25, maj: 10, minor: 5, warn: 1 };

/**
 * Keeps `health` and `fltCnts` below tenants, application profiles, groups, bridge domains and VRFs: they come with the
 * first fault in the object's subtree and follow all of them (apic-protocol.md §6.6). Until then the object is at 100.
 */
export function followHealth(changes: readonly Change[], transaction: Transaction): void {
  for (const change of changes) if (change.object.className === 'faultInst') followFault(change, transaction);
}

function followFault(change: Change, transaction: Transaction): void {
  const before = change.kind === 'created' ? undefined : counterOf(change.before);
  const after = change.kind === 'deleted' ? undefined : counterOf(change.after);
  if (before === after) return;
  for (const above of ancestorsOf(change.object)) {
    if (!SCORED.has(above.className) || transaction.store.get(above.dn) !== above) continue;
    const counters = above.children.get('fltCnts') ?? transaction.create('faultCounts', above, 'fltCnts', {});
    transaction.update(counters, {
      ...(before === undefined ? {} : { [before]: moved(counters, before, -1) }),
      ...(after === undefined ? {} : { [after]: moved(counters, after, 1) }),
    });
    updateScore(above, counters, transaction);
  }
}

/** The counter that a fault counts in; none once it is cleared. */
const counterOf = (fault: Attributes): string | undefined => COUNTERS[fault.severity ?? ''];

const moved = (counters: StoredObject, name: string, by: number): string =>
  String(Math.max(0, Number(counters.attributes[name] ?? 0) + by));

function updateScore(object: StoredObject, counters: StoredObject, transaction: Transaction): void {
  const lost = Object.entries(COSTS).reduce(
    (sum, [name, cost]) => sum + cost * Number(counters.attributes[name] ?? 0),
    0,
  );
  const cur = String(Math.max(0, 100 - lost));
  const worst = Object.entries(COUNTERS).find(([, name]) => Number(counters.attributes[name] ?? 0) > 0);
  const health = object.children.get('health') ?? transaction.create('healthInst', object, 'health', BEST_HEALTH);
  const { cur: prev = '100' } = health.attributes;
  if (prev === cur) return;
  const chng = String(Number(cur) - Number(prev));
  const maxSev = worst?.[0] ?? 'cleared';
  transaction.update(health, { cur, prev, twScore: cur, chng, maxSev, updTs: transaction.time });
}

/** Score of an object without a fault. */
const BEST_HEALTH: Attributes = { cur: '100', prev: '100', twScore: '100', maxSev: 'cleared' };

/**
 * The `health` of an object that has a score: its own, or the best of one that never had a fault, which is not kept in
 * the tree. Undefined for objects without a score.
 */
export function healthOf(object: StoredObject): StoredObject | undefined {
  const known = object.children.get('health');
  if (known !== undefined || !SCORED.has(object.className)) return known;
  const dn = `${object.dn}/health`;
  const attributes = newAttributes('healthInst', dn, { ...BEST_HEALTH, updTs: object.attributes.modTs ?? 'never' });
  return { className: 'healthInst', dn, rn: 'health', parent: object, children: new Map(), attributes };
}

import { childDn } from '#model/aci';
import { type Change, type ObjectStore, type StoredObject, type Transaction } from '../tree/index.js';
import { BINDING_CLASSES, bindingOf, EncapUsage } from './encap-usage.js';
import { CONFIGURATION_FAILED, resolveFault } from './fault-kind.js';
import { agedFault, dueTime, type Problem, setFault } from './fault-object.js';
import { concernedPrefixes, PrefixUsage } from './prefix-usage.js';
import { bindingProblem, isDomain } from './vlan-reach.js';

/**
 * The faults that follow from the configuration (apic-protocol.md §6.3, §6.6): relations without a target, VLANs that a
 * group cannot have, prefixes that another external group has. A change costs as much as what it concerns.
 */
export class Faults {
  readonly #encaps = new EncapUsage();
  readonly #prefixes = new PrefixUsage();
  #nextDue = Number.POSITIVE_INFINITY;

  /** Raises and clears what the changes of a commit lead to. */
  follow(changes: readonly Change[], transaction: Transaction): void {
    const groups = new Set<string>();
    const outsides = new Set<string>();
    for (const change of changes) {
      followRelation(change, transaction);
      for (const dn of this.#concernedGroups(change, transaction.store)) groups.add(dn);
      for (const prefix of concernedPrefixes(change)) {
        for (const dn of this.#prefixes.follow(transaction.store, prefix)) outsides.add(dn);
      }
    }
    for (const dn of groups) this.#judgeGroup(dn, transaction);
    for (const dn of outsides) this.#judgeOutside(dn, transaction);
    if (groups.size + outsides.size > 0 || changes.some(isFaultMaking)) this.#nextDue = 0;
  }

  /** Moves the faults whose time has come. `now` in milliseconds. */
  age(now: number, transaction: Transaction): void {
    const due: StoredObject[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const fault of transaction.store.ofClass('faultInst')) {
      const time = dueTime(fault);
      if (time <= now) due.push(fault);
      else next = Math.min(next, time);
    }
    for (const fault of due) agedFault(transaction, fault);
    this.#nextDue = due.length > 0 ? 0 : next;
  }

  /** Whether {@link age} may have something to do. */
  isDue(now: number): boolean {
    return this.#nextDue <= now;
  }

  #concernedGroups(change: Change, store: ObjectStore): readonly string[] {
    const { object } = change;
    if (BINDING_CLASSES.includes(object.className)) return this.#encaps.note(change);
    switch (object.className) {
      case 'fvRsDomAtt':
        return [object.parent?.dn ?? ''];
      case 'infraRsVlanNs':
      case 'infraRtDomP':
        return groupsOfDomain(object.parent);
      case 'fvnsEncapBlk':
        return groupsOfPool(object.parent, store);
      default:
        return change.kind === 'created' && object.className === 'fvAEPg' ? [object.dn] : [];
    }
  }

  #judgeGroup(dn: string, transaction: Transaction): void {
    const group = transaction.store.get(dn);
    if (group === undefined || dn.startsWith(INFRA_TENANT)) return;
    const found = new Map<string, string>();
    for (const object of bindingsOf(group, transaction.store)) {
      const binding = bindingOf(object, object.attributes);
      if (binding === undefined) continue;
      const holder = this.#encaps.holderBefore(binding);
      const problem = holder === undefined ? bindingProblem(transaction.store, group, binding) : 'encap-already-in-use';
      const by = holder === undefined ? '' : `:${holder}`;
      if (problem !== undefined) found.set(object.dn, `${problem}${by}: ${binding.encap} at ${binding.place}`);
    }
    report(transaction, group, found);
  }

  #judgeOutside(dn: string, transaction: Transaction): void {
    const outside = transaction.store.get(dn);
    if (outside === undefined) return;
    const found = new Map<string, string>();
    for (const child of outside.children.values()) {
      const holder = child.className === 'l3extSubnet' ? this.#prefixes.holderBefore(child) : undefined;
      if (holder === undefined) continue;
      found.set(child.dn, `prefix-entry-already-in-use:${holder}: ${child.attributes.ip}`);
    }
    report(transaction, outside, found);
  }
}

/** The APIC's own group is bound by the fabric itself, without a domain. */
const INFRA_TENANT = 'uni/tn-infra/';

/** Whether a fault may have begun or ended with the change. */
const isFaultMaking = (change: Change): boolean =>
  change.object.className === 'faultInst' ||
  (resolveFault(change.object.className) !== undefined &&
    (change.kind === 'modified' ? change.changed.state !== undefined : change.object.attributes.state !== 'formed'));

function followRelation(change: Change, transaction: Transaction): void {
  const { object } = change;
  const kind = resolveFault(object.className);
  if (kind === undefined || change.kind === 'deleted' || transaction.store.get(object.dn) !== object) return;
  setFault(transaction, object, kind, unresolved(object, change));
}

/** What is said of a relation without its target (apic-protocol.md §6.3). */
function unresolved(object: StoredObject, change: Change): Problem | undefined {
  const { state = '', tDn = '', tRn = '', tCl = '', tType } = object.attributes;
  if (state !== 'missing-target') return undefined;
  const before = change.kind === 'modified' ? (change.before.state ?? 'unformed') : 'unformed';
  const descr =
    tType === 'name'
      ? `Failed to form relation to MO ${tRn} of class ${tCl} in context`
      : `Failed to form relation to MO ${tDn} of class ${tCl}`;
  return { descr, changeSet: `state (Old: ${before}, New: ${state})` };
}

/** One fault on the group that names all its problems, and a delegate for each object that has one. */
function report(transaction: Transaction, group: StoredObject, found: ReadonlyMap<string, string>): void {
  const kind = CONFIGURATION_FAILED;
  const list = [...found.values()].join('; ');
  const descr = `Configuration failed for ${group.dn} due to ${list}`;
  const debugMessage = `configSt:failed-to-apply, debugMessage:${list}`;
  setFault(transaction, group, kind, found.size === 0 ? undefined : { descr, changeSet: debugMessage });
  const wanted = new Set([...found.keys()].map((affected) => `fd-[${affected}]-fault-${kind.code}`));
  for (const child of group.children.values()) {
    if (child.className === 'faultDelegate' && child.attributes.code === kind.code && !wanted.has(child.rn))
      transaction.remove(child);
  }
  for (const [affected, reason] of found) {
    const rn = `fd-[${affected}]-fault-${kind.code}`;
    const given = delegated(transaction, affected, `Configuration failed for ${group.dn} due to ${reason}`);
    const known = group.children.get(rn);
    if (known === undefined) transaction.create('faultDelegate', group, rn, given);
    else transaction.update(known, { descr: given.descr ?? '' });
  }
}

const delegated = (transaction: Transaction, affected: string, descr: string): Readonly<Record<string, string>> => ({
  affected,
  code: CONFIGURATION_FAILED.code,
  rule: CONFIGURATION_FAILED.rule,
  cause: CONFIGURATION_FAILED.cause,
  subject: CONFIGURATION_FAILED.subject,
  severity: CONFIGURATION_FAILED.severity,
  origSeverity: CONFIGURATION_FAILED.severity,
  highestSeverity: CONFIGURATION_FAILED.severity,
  type: 'config',
  domain: 'tenant',
  lc: 'raised',
  occur: '1',
  created: transaction.time,
  lastTransition: transaction.time,
  descr,
});

/** The objects that bind VLANs to a group: below it, and those of profiles that point at it. */
function bindingsOf(group: StoredObject, store: ObjectStore): readonly StoredObject[] {
  return [...group.children.values()].flatMap((child) => {
    if (BINDING_CLASSES.includes(child.className)) return [child];
    if (child.className !== 'fvRtFuncToEpg') return [];
    return store.get(childDn(child.attributes.tDn ?? '', `rsfuncToEpg-[${group.dn}]`)) ?? [];
  });
}

function groupsOfDomain(domain: StoredObject | undefined): readonly string[] {
  if (domain === undefined || !isDomain(domain.className)) return [];
  const relations = [...domain.children.values()].filter(({ className }) => className === 'infraRtDomAtt');
  return relations.map(({ attributes }) => attributes.tDn ?? '');
}

function groupsOfPool(pool: StoredObject | undefined, store: ObjectStore): readonly string[] {
  const relations = [...(pool?.children.values() ?? [])].filter(({ className }) => className === 'fvnsRtVlanNs');
  return relations.flatMap(({ attributes }) => groupsOfDomain(store.get(attributes.tDn ?? '')));
}

import { type Attributes, childDn } from '#model/aci';
import { type Change, type ObjectStore, type StoredObject, type Transaction } from '../tree/index.js';
import { BINDING_CLASSES, bindingOf, EncapUsage } from './encap-usage.js';
import { CONFIGURATION_FAILED, DUPLICATE_SUBNETS, resolveFault } from './fault-kind.js';
import { agedFault, dueTime, type Problem, setFault } from './fault-object.js';
import { concernedObject, judgeObject } from './object-faults.js';
import { concernedPrefixes, PrefixUsage } from './prefix-usage.js';
import { bindingReason, prefixReason, type Reason, summary } from './reasons.js';
import { concernedSubnets, SubnetUsage } from './subnet-usage.js';
import { unresolved } from './unresolved.js';
import { bindingProblem, isDomain } from './vlan-reach.js';

/**
 * The faults that follow from the configuration (apic-protocol.md §6.3, §6.6): relations without a target, VLANs that a
 * group or an L3Out cannot have, prefixes that another external group has, subnets of two bridge domains, bridge domains
 * that contradict themselves. A change costs as much as what it concerns.
 */
export class Faults {
  readonly #encaps = new EncapUsage();
  readonly #prefixes = new PrefixUsage();
  readonly #subnets = new SubnetUsage();
  #nextDue = Number.POSITIVE_INFINITY;

  /** Raises and clears what the changes of a commit lead to; tells whether a fault may have begun or ended. */
  follow(changes: readonly Change[], transaction: Transaction): boolean {
    const groups = new Set<string>();
    const outsides = new Set<string>();
    const bridgeDomains = new Set<string>();
    const { store } = transaction;
    let hasFaults = false;
    for (const change of changes) {
      followRelation(change, transaction);
      for (const dn of this.#concernedGroups(change, store)) groups.add(dn);
      for (const dn of concernedPrefixes(change)) addAll(outsides, this.#prefixes.follow(store, dn));
      for (const dn of concernedSubnets(change)) addAll(bridgeDomains, this.#subnets.follow(store, dn));
      const object = concernedObject(change);
      if (object !== undefined && judgeObject(object, transaction)) hasFaults = true;
    }
    for (const dn of groups) this.#judgeGroup(dn, transaction);
    for (const dn of outsides) this.#judgeOutside(dn, transaction);
    for (const dn of bridgeDomains) if (this.#judgeBridgeDomain(dn, transaction)) hasFaults = true;
    if (groups.size + outsides.size > 0 || changes.some(isFaultMaking)) hasFaults = true;
    if (hasFaults) this.#nextDue = 0;
    return hasFaults;
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
      case 'l3extRsL3DomAtt':
        return [object.parent?.dn ?? ''];
      case 'infraRsVlanNs':
      case 'infraRtDomP':
        return groupsOfDomain(object.parent);
      case 'fvnsEncapBlk':
        return groupsOfPool(object.parent, store);
      default:
        return change.kind === 'created' && object.className === 'fvAEPg' && isBound(object) ? [object.dn] : [];
    }
  }

  #judgeGroup(dn: string, transaction: Transaction): void {
    const group = transaction.store.get(dn);
    if (group === undefined || dn.startsWith(INFRA_TENANT)) return;
    const found = new Map<string, Reason>();
    for (const object of bindingsOf(group, transaction.store)) {
      const binding = bindingOf(object, object.attributes);
      if (binding === undefined) continue;
      const holder = this.#encaps.holderBefore(binding);
      const problem = holder === undefined ? bindingProblem(transaction.store, group, binding) : 'encap-already-in-use';
      if (problem !== undefined) found.set(object.dn, bindingReason(problem, binding, holder));
    }
    report(transaction, group, found);
  }

  #judgeOutside(dn: string, transaction: Transaction): void {
    const outside = transaction.store.get(dn);
    if (outside === undefined) return;
    const found = new Map<string, Reason>();
    for (const child of outside.children.values()) {
      const holder = child.className === 'l3extSubnet' ? this.#prefixes.holderBefore(child) : undefined;
      if (holder === undefined) continue;
      found.set(child.dn, prefixReason(outside.attributes.scope ?? '', child.attributes.ip ?? ''));
    }
    report(transaction, outside, found);
  }

  #judgeBridgeDomain(dn: string, transaction: Transaction): boolean {
    const bridgeDomain = transaction.store.get(dn);
    if (bridgeDomain === undefined) return false;
    const [other] = this.#subnets.rivalsOf(bridgeDomain);
    setFault(transaction, bridgeDomain, DUPLICATE_SUBNETS, other === undefined ? undefined : duplicate(dn, other));
    return bridgeDomain.children.has(`fault-${DUPLICATE_SUBNETS.code}`);
  }
}

/** The APIC's own group is bound by the fabric itself, without a domain. */
const INFRA_TENANT = 'uni/tn-infra/';

/** Whether a fault may have begun or ended with the change. */
const isFaultMaking = (change: Change): boolean =>
  change.object.className === 'faultInst' ||
  (resolveFault(change.object.className) !== undefined &&
    (change.kind === 'modified' ? isRejudged(change.changed) : !isUntroubled(change.object.attributes)));

const isRejudged = ({ state, stateQual }: Attributes): boolean => state !== undefined || stateQual !== undefined;

const isUntroubled = ({ state, stateQual }: Attributes): boolean =>
  state === 'formed' && stateQual !== 'mismatch-target';

function followRelation(change: Change, transaction: Transaction): void {
  const { object } = change;
  const kind = resolveFault(object.className);
  if (kind === undefined || change.kind === 'deleted' || transaction.store.get(object.dn) !== object) return;
  setFault(transaction, object, kind, unresolved(object, change));
}

/** As a leaf words it, which raises the fault in its own tree (pre-upgrade validation script of ACI, F0469). */
const duplicate = (dn: string, other: string): Problem => ({
  descr: `BD Configuration failed for ${dn}  due to duplicate-subnets-within-ctx: ${dn} ,${other}`,
  changeSet: `configQual (New: duplicate-subnets-within-ctx), configSt (New: failed-to-apply), debugMessage (New: ${dn},${other})`,
});

function addAll(all: Set<string>, some: readonly string[]): void {
  for (const one of some) all.add(one);
}

/** One fault on the group that names all its problems, and a delegate for each object that has one. */
function report(transaction: Transaction, group: StoredObject, found: ReadonlyMap<string, Reason>): void {
  const kind = CONFIGURATION_FAILED;
  setFault(transaction, group, kind, summary(group.dn, [...found.values()]));
  const wanted = new Set([...found.keys()].map((affected) => `fd-[${affected}]-fault-${kind.code}`));
  for (const child of group.children.values()) {
    if (child.className === 'faultDelegate' && child.attributes.code === kind.code && !wanted.has(child.rn))
      transaction.remove(child);
  }
  for (const [affected, reason] of found) {
    const rn = `fd-[${affected}]-fault-${kind.code}`;
    const given = delegated(transaction, affected, summary(group.dn, [reason])?.descr ?? '');
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
  if (group.className === 'l3extOut') return pathsOf(group);
  return [...group.children.values()].flatMap((child) => {
    if (BINDING_CLASSES.includes(child.className)) return [child];
    if (child.className !== 'fvRtFuncToEpg') return [];
    return store.get(childDn(child.attributes.tDn ?? '', `rsfuncToEpg-[${group.dn}]`)) ?? [];
  });
}

/** The paths of an L3Out, below its node and interface profiles. */
const pathsOf = (out: StoredObject): readonly StoredObject[] =>
  [...out.children.values()]
    .flatMap((profile) => [...profile.children.values()])
    .filter(({ className }) => className === 'l3extLIfP')
    .flatMap((profile) => [...profile.children.values()])
    .filter(({ className }) => className === 'l3extRsPathL3OutAtt');

/** Whether something outside binds a group that has just come. */
const isBound = (group: StoredObject): boolean =>
  [...group.children.values()].some(({ className }) => className === 'fvRtFuncToEpg');

const USERS_OF_DOMAINS: ReadonlySet<string> = new Set(['infraRtDomAtt', 'l3extRtL3DomAtt']);

function groupsOfDomain(domain: StoredObject | undefined): readonly string[] {
  if (domain === undefined || !isDomain(domain.className)) return [];
  const relations = [...domain.children.values()].filter(({ className }) => USERS_OF_DOMAINS.has(className));
  return relations.map(({ attributes }) => attributes.tDn ?? '');
}

function groupsOfPool(pool: StoredObject | undefined, store: ObjectStore): readonly string[] {
  const relations = [...(pool?.children.values() ?? [])].filter(({ className }) => className === 'fvnsRtVlanNs');
  return relations.flatMap(({ attributes }) => groupsOfDomain(store.get(attributes.tDn ?? '')));
}

import type { Change, ObjectStore, StoredObject, Transaction } from '../tree/index.js';
import { contractBehind } from './contract-parties.js';
import { contractRules } from './contract-rules.js';
import { DirtyOwners } from './dirty.js';
import { bridgeDomainRules, groupRules, vrfRules } from './group-rules.js';
import { LeafTables } from './leaf-tables.js';
import { type FabricView, GROUP_CLASSES } from './party.js';
import type { Rule } from './rule.js';
import { RuleTable } from './rule-table.js';

/**
 * The zoning rules of all leaves, computed from the objects of contracts and groups (policy.md A7 to A17). Changes are
 * only noted; the rules are worked out when somebody looks, or a moment later, once for many changes of one contract.
 * Not covered: service graphs, and labels of subjects.
 */
export class Zoning implements FabricView {
  readonly store: ObjectStore;
  readonly vrfs = new Map<string, StoredObject>();
  readonly table = new RuleTable();
  readonly #leafTables = new LeafTables();
  readonly #dirty = new DirtyOwners();

  constructor(store: ObjectStore) {
    this.store = store;
  }

  /** Remembers what has to be worked out again. */
  note(changes: readonly Change[]): void {
    for (const change of changes) {
      this.#dirty.note(this.store, change);
      if (change.object.className === 'fvCtx') this.#noteScope(change);
    }
  }

  /** Whether {@link settle} has something to do. */
  get isSettled(): boolean {
    return this.#dirty.isEmpty;
  }

  /** Works out what was noted and writes it to the leaves. */
  settle(transaction: Transaction): void {
    const leaves = this.#leaves();
    for (const dn of this.#dirty.leaves) {
      const leaf = this.store.get(dn);
      if (leaf !== undefined && leaves.includes(leaf)) this.#leafTables.writeAll(transaction, leaf);
    }
    const touched = new Set(this.#dirtyOwners().flatMap(({ dn, rules }) => this.table.replace(dn, rules)));
    for (const key of touched) this.#leafTables.write(transaction, leaves, key, this.table.at(key));
    this.#clear();
  }

  #dirtyOwners(): readonly { readonly dn: string; readonly rules: readonly Rule[] }[] {
    const { contracts, groups, vrfs, bridgeDomains, everything } = this.#dirty;
    const all = (dns: Iterable<string>, ...classes: readonly string[]): ReadonlySet<string> =>
      everything
        ? new Set([...dns, ...classes.flatMap((name) => [...this.store.ofClass(name)].map(({ dn }) => dn))])
        : new Set(dns);
    const contractDns = [...contracts].map((dn) => contractBehind(this.store, dn));
    return [
      ...this.#rulesOf(all(vrfs, 'fvCtx'), vrfRules),
      ...this.#rulesOf(bridgeDomains, bridgeDomainRules),
      ...this.#rulesOf(all(groups, ...GROUP_CLASSES), (group) => groupRules(this, group)),
      ...this.#rulesOf(all(contractDns, 'vzBrCP'), (contract) => contractRules(this, contract)),
    ];
  }

  #rulesOf(
    dns: Iterable<string>,
    rulesOf: (object: StoredObject) => readonly Rule[],
  ): readonly { readonly dn: string; readonly rules: readonly Rule[] }[] {
    return [...dns].map((dn) => {
      const object = this.store.get(dn);
      return { dn, rules: object === undefined ? [] : rulesOf(object) };
    });
  }

  #noteScope(change: Change): void {
    if (change.kind !== 'created' && change.before.scope !== undefined) this.vrfs.delete(change.before.scope);
    if (change.kind !== 'deleted' && change.after.scope !== undefined) this.vrfs.set(change.after.scope, change.object);
  }

  #leaves(): readonly StoredObject[] {
    return [...this.store.ofClass('topSystem')].filter(({ attributes }) => attributes.role === 'leaf');
  }

  #clear(): void {
    this.#dirty.contracts.clear();
    this.#dirty.groups.clear();
    this.#dirty.vrfs.clear();
    this.#dirty.bridgeDomains.clear();
    this.#dirty.leaves.clear();
    this.#dirty.everything = false;
  }
}

/** Classes whose objects {@link Zoning} makes. */
export const ZONING_CLASSES: readonly string[] = ['actrlEntity', 'actrlScope', 'actrlRule', 'actrlFlt', 'actrlEntry'];

/** Whether objects of the class are made by {@link Zoning}. */
export const isZoningClass = (className: string): boolean => ZONING_CLASSES.includes(className);

import type { CompiledChanges, GroupFacts, GroupName, PolicyTables } from '#model/policy';
import { type FabricSettings, l3outDn, profileDn } from '#model/settings';
import { bindingObject, bindingsDn } from './access.js';
import { ContractBook } from './contract-book.js';
import type { ContractPlan, ContractStyle } from './contract-plan.js';
import type { Encoding } from './encoding.js';
import { epgObject } from './endpoint-groups.js';
import { externalObject, foreignRelations, isForeign } from './external-groups.js';
import type { FabricLoad } from './fabric-load.js';
import { FabricParts, type PartChanges } from './fabric-parts.js';
import { contractPrefix, vrfWideFilters } from './network.js';
import { Rendering, type RenderingKind } from './rendering.js';
import { type Anchors, isOpen, Stars } from './stars.js';

/** What the mapper decided, so that it decides the same next time while that is still right. */
export interface FabricMemory {
  readonly rendering: RenderingKind;
  readonly anchors: Anchors;
}

/** How the mapper goes about it. */
export interface MapOptions {
  /** What it decided last. */
  readonly before?: FabricMemory | undefined;
  /** Where established TCP is permitted; `vrf` needs vzAny, and an admin who lets it be used. */
  readonly established?: ContractStyle['established'];
  /** Bindings of the groups to the paths of their hosts; bindings at the AEP are the mapper's own. */
  readonly encoding?: Encoding;
}

/**
 * Translates the compiled policy into managed objects change by change: what a change does not touch is not looked at. After
 * some changes the fabric is that of a mapper that was given their result at once, with the same decisions.
 */
export class FabricMapper {
  readonly parts = new FabricParts();
  readonly #settings: FabricSettings;
  readonly #rendering: Rendering;
  readonly #contracts: ContractBook;
  readonly #stars: Stars;
  readonly #outside = new Set<GroupName>();
  /** Groups and relations of EPGs of VMs, bare metal and nodes, by their Dn. */
  readonly #foreign = new Map<string, { readonly groups: Set<GroupName>; keys: ReadonlySet<string> }>();
  /** Groups whose members may talk freely among themselves. */
  readonly #freeInside = new Set<GroupName>();
  /** What the EPG of a group was last made of, beside its relations. */
  readonly #written = new Map<GroupName, string>();

  constructor(settings: FabricSettings, { before, established = 'pairs' }: MapOptions = {}) {
    const style = { prefix: contractPrefix(settings), established };
    this.#settings = settings;
    this.#rendering = new Rendering({
      vzAny: settings.vzAnyContracts,
      ...(before === undefined ? {} : { before: before.rendering }),
    });
    this.#contracts = new ContractBook(settings, style, this.parts);
    this.#stars = new Stars(before?.anchors ?? new Map(), this.#contracts);
  }

  get memory(): FabricMemory {
    return { rendering: this.#rendering.kind, anchors: this.#stars.anchors };
  }

  /** Groups that are open to the whole VRF, so that what looks like answers of theirs passes to everyone. */
  get openToAll(): ReadonlySet<GroupName> {
    return this.#rendering.wholeVrf.open;
  }

  /** Every contract as it is now, sorted by name. */
  get contracts(): readonly ContractPlan[] {
    return this.#contracts.plans();
  }

  /** What the fabric as it is now takes. */
  get load(): FabricLoad {
    const podGroups = this.parts.count('group');
    return {
      podGroups,
      podGroupsWithVlan: this.parts.count('binding'),
      externalGroups: this.parts.count('external'),
      enforced: podGroups - this.#freeInside.size,
      enforcedGroups: this.#enforcedGroups(),
      contracts: this.#contracts.loads(),
      contractCount: this.#contracts.size + Number(this.#settings.vrfWidePermits),
      filters: this.parts.count('filter'),
      vrfWide: vrfWideFilters(this.#settings),
    };
  }

  /** Dns of the EPGs of VMs, bare metal and nodes that the policy speaks of. */
  get foreignDns(): readonly string[] {
    return [...this.#foreign.keys()];
  }

  *#enforcedGroups(): Generator<GroupName> {
    for (const name of this.parts.keys('group')) if (!this.#freeInside.has(name)) yield name;
  }

  /** Takes in a change of the policy; gives the parts of the fabric that differ. */
  update(tables: PolicyTables, changes: CompiledChanges): PartChanges {
    const touched = new Set([...changes.groups, ...changes.removed]);
    for (const name of touched) this.#noteKind(name, tables.group(name));
    for (const name of this.#say(tables, changes)) touched.add(name);
    for (const name of touched) this.#writeGroup(name, tables);
    return this.parts.takeChanges();
  }

  /** Says what pairs may open with contracts; gives the groups whose objects may differ for it. */
  #say(tables: PolicyTables, changes: CompiledChanges): ReadonlySet<GroupName> {
    const { anew, pairs, groups } = this.#rendering.update(tables, changes);
    const touched = new Set<GroupName>();
    for (const name of [...groups, ...changes.removed]) {
      for (const partner of this.#stars.partnersOf(name)) pairs.add(name, partner);
    }
    if (anew) for (const [a, b] of this.#stars.pairs()) pairs.add(a, b);
    for (const [a, b] of pairs) if (this.#sayPair(a, b)) touched.add(a);
    const stars = this.#stars.settle();
    for (const star of stars) {
      this.#contracts.setStar(star);
      // The mark of an outside group names the policies behind all of its contracts.
      for (const name of this.#outside) if (star.anchor === name || star.others.has(name)) touched.add(name);
    }
    this.#contracts.setWholeVrf(this.#rendering, [...groups, ...changes.removed]);
    const { changed } = this.#contracts.relations;
    for (const name of changed) {
      touched.add(name);
      this.#written.delete(name);
    }
    changed.clear();
    return touched;
  }

  /** Says what two groups may open toward each other; gives whether a group's own members are kept apart otherwise now. */
  #sayPair(a: GroupName, b: GroupName): boolean {
    const permits = this.#rendering.permits(a, b);
    this.#stars.place(a, b, a === b ? permits : [...permits, ...this.#rendering.permits(b, a)]);
    if (a !== b) return false;
    const isFree = permits.some(isOpen);
    if (isFree === this.#freeInside.has(a)) return false;
    this.#freeInside[isFree ? 'add' : 'delete'](a);
    return true;
  }

  #noteKind(name: GroupName, facts: GroupFacts | undefined): void {
    this.#outside[facts === undefined || facts.kind === 'pods' ? 'delete' : 'add'](name);
    for (const [dn, { groups }] of this.#foreign) {
      if (facts === undefined || !isForeign(facts) || facts.dn !== dn) groups.delete(name);
    }
    if (facts === undefined || !isForeign(facts)) return;
    const known = this.#foreign.get(facts.dn) ?? { groups: new Set<GroupName>(), keys: new Set<string>() };
    known.groups.add(name);
    this.#foreign.set(facts.dn, known);
  }

  #writeGroup(name: GroupName, tables: PolicyTables): void {
    const facts = tables.group(name);
    if (facts?.kind !== 'pods') this.#writePods(name, undefined, tables);
    if (facts?.kind !== 'external') this.#writeExternal(name, undefined);
    if (facts?.kind === 'pods') this.#writePods(name, facts, tables);
    if (facts?.kind === 'external') this.#writeExternal(name, facts);
    if (facts !== undefined && !isForeign(facts)) return;
    for (const dn of this.#foreign.keys()) this.#writeForeign(dn);
  }

  #writePods(
    name: GroupName,
    facts: Extract<GroupFacts, { readonly kind: 'pods' }> | undefined,
    tables: PolicyTables,
  ): void {
    const settings = this.#settings;
    const above = profileDn(settings);
    if (facts === undefined) {
      this.#written.delete(name);
      this.#freeInside.delete(name);
      this.parts.set('group', name, above, undefined);
      this.parts.set('binding', name, bindingsDn(settings), undefined);
      return;
    }
    const enforced = !this.#freeInside.has(name);
    const signature = tables.signature(name);
    const text = `${facts.namespace} ${facts.workload} ${facts.vlan} ${facts.vni} ${enforced} ${signature} ${facts.joined?.join()}`;
    if (this.#written.get(name) === text) return;
    this.#written.set(name, text);
    const relations = this.#contracts.relations.objectsOf(name);
    this.parts.set('group', name, above, epgObject(facts, { settings, relations, enforced, signature }));
    const binding = settings.encoding === 'aep' ? bindingObject(facts, settings) : undefined;
    this.parts.set('binding', name, bindingsDn(settings), binding);
  }

  #writeExternal(name: GroupName, facts: Extract<GroupFacts, { readonly kind: 'external' }> | undefined): void {
    const object = facts === undefined ? undefined : externalObject(facts, this.#contextOf(name));
    this.parts.set('external', name, l3outDn(this.#settings), object);
  }

  /** The relations of an EPG of VMs, bare metal or nodes, of all groups that are parts of it. */
  #writeForeign(dn: string): void {
    const known = this.#foreign.get(dn);
    if (known === undefined) return;
    const parts = [...known.groups].sort().map((name) => this.#contextOf(name));
    const relations = foreignRelations(parts, this.#settings);
    for (const key of known.keys) if (!relations.has(key)) this.parts.set('foreign', `${dn} ${key}`, dn, undefined);
    for (const [key, relation] of relations) this.parts.set('foreign', `${dn} ${key}`, dn, relation);
    known.keys = new Set(relations.keys());
    if (known.groups.size === 0) this.#foreign.delete(dn);
  }

  #contextOf(name: GroupName) {
    return {
      settings: this.#settings,
      relations: this.#contracts.relations.objectsOf(name),
      sources: this.#contracts.policiesOf(name),
    };
  }
}

import { ancestorsOf, type Change, type ObjectStore, type StoredObject } from '../tree/index.js';
import { mastersOf, PARTY_RELATIONS } from './contract-parties.js';
import { GROUP_CLASSES } from './party.js';

/** Dns of the objects whose rules have to be worked out again. */
export class DirtyOwners {
  readonly contracts = new Set<string>();
  readonly groups = new Set<string>();
  readonly vrfs = new Set<string>();
  readonly bridgeDomains = new Set<string>();
  /** Dns of leaves that have come. */
  readonly leaves = new Set<string>();
  /** A VRF changed in a way that concerns every contract and group. */
  everything = false;

  get isEmpty(): boolean {
    const sets = [this.contracts, this.groups, this.vrfs, this.bridgeDomains, this.leaves];
    return !this.everything && sets.every((set) => set.size === 0);
  }

  /** Marks what a change concerns. Costs as much as the relations of the object. */
  note(store: ObjectStore, change: Change): void {
    const { object } = change;
    const { className } = object;
    if (GROUP_CLASSES.includes(className)) this.#noteGroup(store, object);
    else if (CONTRACT_PARTS.has(className)) this.#noteContractPart(store, object);
    else if (className === 'vzEntry') this.#noteEntry(store, object);
    else if (className === 'fvCtx') this.#noteVrf(store, object, change);
    else if (className === 'vzAny') this.everything ||= hasChanged(change, 'prefGrMemb');
    else if (className === 'fvBD') this.bridgeDomains.add(object.dn);
    else if (className === 'topSystem') this.leaves.add(object.dn);
    else if (className === 'fvRtSecInherited' && object.parent !== undefined)
      this.#noteContractsOf(store, object.parent);
    else if (GROUP_PARTS.has(className) && object.parent !== undefined) this.groups.add(object.parent.dn);
    else if (className === 'l3extSubnet' && object.parent !== undefined) this.#noteGroup(store, object.parent);
  }

  #noteGroup(store: ObjectStore, group: StoredObject): void {
    this.groups.add(group.dn);
    this.#noteContractsOf(store, group);
  }

  /** Contracts of a group or `any`, by itself and by its masters; those of interfaces are found from the interface. */
  #noteContractsOf(store: ObjectStore, party: StoredObject): void {
    for (const master of mastersOf(store, party)) {
      for (const child of master.children.values()) {
        const { tDn } = child.attributes;
        if (PARTY_RELATIONS.has(child.className) && tDn !== undefined) this.contracts.add(tDn);
      }
    }
  }

  #noteContractPart(store: ObjectStore, part: StoredObject): void {
    for (const above of [part, ...ancestorsOf(part)]) {
      if (above.className === 'vzBrCP') this.contracts.add(above.dn);
      if (above.className === 'vzCPIf') this.#noteInterface(above);
      if (above.className === 'vzTaboo') this.#noteTaboo(store.get(above.dn) ?? above);
    }
  }

  #noteInterface(contractInterface: StoredObject): void {
    const relation = contractInterface.children.get('rsif');
    if (relation?.attributes.tDn !== undefined) this.contracts.add(relation.attributes.tDn);
  }

  #noteTaboo(taboo: StoredObject): void {
    for (const child of taboo.children.values()) {
      if (child.className === 'vzRtProtBy') this.groups.add(child.attributes.tDn ?? '');
    }
  }

  #noteEntry(store: ObjectStore, entry: StoredObject): void {
    for (const back of entry.parent?.children.values() ?? []) {
      if (!FILTER_BACK_RELATIONS.has(back.className)) continue;
      const owner = store.get(back.attributes.tDn ?? '');
      if (owner !== undefined) this.#noteContractPart(store, owner);
    }
  }

  #noteVrf(store: ObjectStore, vrf: StoredObject, change: Change): void {
    this.vrfs.add(vrf.dn);
    if (change.kind !== 'modified') return;
    const any = vrf.children.get('any');
    if (any !== undefined) this.#noteContractsOf(store, any);
    this.everything ||= hasChanged(change, 'pcEnfPref') || hasChanged(change, 'pcTag');
  }
}

const hasChanged = (change: Change, property: string): boolean =>
  change.kind === 'modified' && change.changed[property] !== undefined;

/** Children that a group's own rules depend on. Its prefixes decide on its classes, and so on the rules of its contracts, too. */
const GROUP_PARTS: ReadonlySet<string> = new Set(['fvRsIntraEpg', 'fvRsProtBy']);

/** Objects of a contract, an interface or a taboo that its rules depend on, the back relations of its parties included. */
const CONTRACT_PARTS: ReadonlySet<string> = new Set([
  'vzBrCP',
  'vzSubj',
  'vzInTerm',
  'vzOutTerm',
  'vzRsSubjFiltAtt',
  'vzRsFiltAtt',
  'vzRtProv',
  'vzRtCons',
  'vzRtIntraEpg',
  'vzRtAnyToProv',
  'vzRtAnyToCons',
  'vzRtIf',
  'vzRtConsIf',
  'vzRtAnyToConsIf',
  'vzTaboo',
  'vzTSubj',
  'vzRsDenyRule',
]);

const FILTER_BACK_RELATIONS: ReadonlySet<string> = new Set(['vzRtSubjFiltAtt', 'vzRtFiltAtt', 'vzRtDenyRule']);

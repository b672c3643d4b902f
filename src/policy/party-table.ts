import { formatPrefix } from '#model/net';
import type { Dirty } from './dirty.js';
import { FAMILY_BIT, type FamilyMask } from './family-mask.js';
import type { Atom, BlockSet, OutsideParty, Party, PodEntry, PodParty, Side } from './parties.js';

/** How pods are put together before policy has anything to say (policy.md §3.2, points 5 and 6). */
export interface Boundary {
  /** Whether a party keeps to one namespace. */
  readonly namespace: boolean;
  /** Whether pods that policies select or name are also told apart by their workload. */
  readonly workload: boolean;
}

/** The parties: pods with one signature, and addresses outside; registered at the atoms and policies that hold them. */
export class PartyTable {
  /** Parties that came, and that went, since somebody asked last. */
  readonly created = new Set<Party>();
  readonly removed = new Set<Party>();
  /** Parties of pods whose members changed. */
  readonly changedMembers = new Set<PodParty>();
  /** Outside parties with other prefixes than before. */
  readonly changedPrefixes = new Set<OutsideParty>();
  /** Pods that came into a party. */
  readonly placedPods = new Set<PodEntry>();
  readonly #byIdentity = new Map<string, PodParty>();
  #outside: readonly OutsideParty[] = [];
  readonly #byPortName = new Map<string, Set<PodParty>>();
  readonly #boundary: Boundary;
  readonly #freeSide: Side;
  readonly #dirty: Dirty;
  #lastId = 0;

  constructor(boundary: Boundary, freeSide: Side, dirty: Dirty) {
    this.#boundary = boundary;
    this.#freeSide = freeSide;
    this.#dirty = dirty;
  }

  pods(): Iterable<PodParty> {
    return this.#byIdentity.values();
  }

  outside(): readonly OutsideParty[] {
    return this.#outside;
  }

  /** Parties whose pods declare the port name. */
  declaring(portName: string): Iterable<PodParty> {
    return this.#byPortName.get(portName) ?? [];
  }

  /** Moves the pod to the party of its signature. */
  place(pod: PodEntry): void {
    const identity = this.#identityOf(pod);
    if (pod.party?.identity === identity) return;
    this.leave(pod);
    const party = this.#byIdentity.get(identity) ?? this.#create(identity, pod);
    party.members.add(pod);
    pod.party = party;
    this.changedMembers.add(party);
    this.placedPods.add(pod);
  }

  /** Takes the pod out of its party; a party without members goes. */
  leave(pod: PodEntry): void {
    const { party } = pod;
    if (party === undefined) return;
    party.members.delete(pod);
    pod.party = undefined;
    this.placedPods.delete(pod);
    this.changedMembers.add(party);
    if (party.members.size === 0) this.#remove(party);
  }

  /** Replaces the outside parties. One with the same family, owner and blocks as before stays the same party. */
  setOutside(wanted: readonly Omit<OutsideParty, 'id' | 'ingress' | 'egress' | 'kind' | 'families'>[]): void {
    const known = new Map(this.#outside.map((party) => [outsideKey(party), party]));
    this.#outside = wanted.map((region) => {
      const before = known.get(outsideKey(region));
      if (before === undefined) return this.#createOutside(region);
      known.delete(outsideKey(region));
      if (before.prefixes.map(formatPrefix).join() !== region.prefixes.map(formatPrefix).join()) {
        before.prefixes = region.prefixes;
        this.changedPrefixes.add(before);
      }
      return before;
    });
    for (const gone of known.values()) {
      for (const atom of gone.blocks.atoms) this.#unregister(atom, gone);
      this.#gone(gone);
    }
  }

  #create(identity: string, pod: PodEntry): PodParty {
    const { shape, blocks } = pod;
    this.#lastId += 1;
    const party: PodParty = {
      kind: 'pods',
      id: this.#lastId,
      identity,
      families: shape.families,
      namespace: shape.namespace,
      workload: this.#boundary.workload && shape.single ? shape.workload : undefined,
      ports: shape.mentionedPorts,
      subjects: shape.subjects,
      atoms: shape.atoms,
      blocks,
      members: new Set(),
      seen: undefined,
      egress: this.#freeSide,
      ingress: this.#freeSide,
    };
    this.#byIdentity.set(identity, party);
    for (const policy of party.subjects) policy.parties.add(party);
    for (const [atom, families] of heldBy(party)) this.#register(atom, party, families);
    for (const name of party.ports.keys()) {
      this.#byPortName.set(name, (this.#byPortName.get(name) ?? new Set()).add(party));
      this.#dirty.portNames.add(name);
    }
    this.created.add(party);
    this.#dirty.sides.add(party);
    return party;
  }

  #remove(party: PodParty): void {
    this.#byIdentity.delete(party.identity);
    for (const policy of party.subjects) policy.parties.delete(party);
    for (const atom of heldBy(party).keys()) this.#unregister(atom, party);
    for (const name of party.ports.keys()) {
      const declaring = this.#byPortName.get(name);
      declaring?.delete(party);
      if (declaring?.size === 0) this.#byPortName.delete(name);
      this.#dirty.portNames.add(name);
    }
    this.#dirty.sides.delete(party);
    this.#gone(party);
  }

  #createOutside(region: Omit<OutsideParty, 'id' | 'ingress' | 'egress' | 'kind' | 'families'>): OutsideParty {
    this.#lastId += 1;
    const families = FAMILY_BIT[region.family];
    const sides = { egress: this.#freeSide, ingress: this.#freeSide };
    const party: OutsideParty = { kind: 'outside', id: this.#lastId, ...region, families, ...sides };
    for (const atom of region.blocks.atoms) this.#register(atom, party, families);
    this.created.add(party);
    return party;
  }

  /** A party that came and went before anybody asked was never there. */
  #gone(party: Party): void {
    if (!this.created.delete(party)) this.removed.add(party);
    if (party.kind === 'pods') this.changedMembers.delete(party);
  }

  #register(atom: Atom, party: Party, families: FamilyMask): void {
    atom.parties.set(party, families);
    this.#dirty.atoms.add(atom);
  }

  #unregister(atom: Atom, party: Party): void {
    atom.parties.delete(party);
    this.#dirty.atoms.add(atom);
  }

  #identityOf({ shape, blocks }: PodEntry): string {
    const { namespace, workload } = this.#boundary;
    const own = namespace ? shape.namespace : '';
    const owner = workload && shape.single ? (shape.workload ?? '') : '';
    return `${own}\n${owner}\n${shape.signature}\n${blocks[4].id}\n${blocks[6].id}`;
  }
}

/** Atoms that hold the party, with the families in which they do. */
function heldBy(party: { readonly families: FamilyMask; readonly atoms: PodParty['atoms']; readonly blocks: Blocks }) {
  const held = new Map<Atom, FamilyMask>(party.atoms.map((atom) => [atom, party.families]));
  for (const family of [4, 6] as const) {
    for (const atom of party.blocks[family].atoms) held.set(atom, FAMILY_BIT[family]);
  }
  return held;
}

type Blocks = Readonly<Record<4 | 6, BlockSet>>;

const outsideKey = ({ family, foreignDn, blocks }: Pick<OutsideParty, 'family' | 'foreignDn' | 'blocks'>): string =>
  `${family} ${foreignDn ?? ''} ${blocks.id}`;

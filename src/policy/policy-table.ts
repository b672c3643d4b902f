import { matchesSelector, type PolicyView, type TieredPolicyView } from '#model/kubernetes';
import { AtomTable } from './atom-table.js';
import type { Dirty } from './dirty.js';
import type { AddressAtom, Atom, PolicyEntry, Scope, SelectorAtom, Shape } from './parties.js';
import { atomsOf, hasSameScope, policyEntry, portNamesOf, setRules } from './rules.js';
import { ScopeIndex } from './scope-index.js';

/** What the table asks about the pods. */
export interface ShapeSource {
  inNamespace(name: string): Iterable<Shape>;
  declaring(portName: string): Iterable<Shape>;
}

/** The policies, with indices that say which of them, and which of their peers, hold a pod. */
export class PolicyTable {
  readonly subjects = new ScopeIndex<PolicyEntry>();
  readonly peers = new ScopeIndex<SelectorAtom>();
  readonly atoms = new AtomTable();
  /** Peers by addresses that came, went, or have other addresses since somebody asked last. */
  readonly changedBlocks = new Set<AddressAtom>();
  readonly #entries = new Map<string, PolicyEntry>();
  readonly #portNames = new Map<string, Set<PolicyEntry>>();
  readonly #shapes: ShapeSource;
  readonly #dirty: Dirty;
  #lastId = 0;

  constructor(shapes: ShapeSource, dirty: Dirty) {
    this.#shapes = shapes;
    this.#dirty = dirty;
  }

  /** All policies. */
  entries(): Iterable<PolicyEntry> {
    return this.#entries.values();
  }

  /** Whether a rule of some policy uses the port name. */
  mentions(portName: string): boolean {
    return this.#portNames.has(portName);
  }

  /** Policies with a rule that uses the port name. */
  using(portName: string): Iterable<PolicyEntry> {
    return this.#portNames.get(portName) ?? [];
  }

  /** Adds, changes or removes (undefined) the policy with the key. */
  set(key: string, view: PolicyView | TieredPolicyView | undefined): void {
    const known = this.#entries.get(key);
    if (known !== undefined && view !== undefined && hasSameScope(known, view)) {
      this.#change(known, view);
      return;
    }
    if (known !== undefined) this.#remove(key, known);
    if (view !== undefined) this.#add(key, view);
  }

  /** Forgets a namespace that has no object of its own and no pods, as far as no policy names it by itself. */
  forgetNamespace(name: string): void {
    this.subjects.forget(name);
    this.peers.forget(name);
  }

  #add(key: string, view: PolicyView | TieredPolicyView): void {
    this.#lastId += 1;
    const entry = policyEntry(this.#lastId, view, this.atoms);
    this.#entries.set(key, entry);
    this.#touch(this.subjects.add(entry), entry);
    for (const atom of atomsOf(entry)) this.#use(atom, entry);
    for (const name of portNamesOf(entry)) this.#useName(name, entry);
  }

  #change(entry: PolicyEntry, view: PolicyView | TieredPolicyView): void {
    const before = { atoms: atomsOf(entry), names: portNamesOf(entry) };
    setRules(entry, view, this.atoms);
    const after = { atoms: atomsOf(entry), names: portNamesOf(entry) };
    for (const atom of after.atoms) if (!before.atoms.has(atom)) this.#use(atom, entry);
    for (const atom of before.atoms) if (!after.atoms.has(atom)) this.#release(atom, entry);
    for (const name of after.names) if (!before.names.has(name)) this.#useName(name, entry);
    for (const name of before.names) if (!after.names.has(name)) this.#releaseName(name, entry);
    for (const party of entry.parties) this.#dirty.sides.add(party);
  }

  #remove(key: string, entry: PolicyEntry): void {
    this.#entries.delete(key);
    this.subjects.delete(entry);
    this.#left(entry);
    for (const shape of entry.shapes) this.#dirty.shapes.add(shape);
    for (const atom of atomsOf(entry)) this.#release(atom, entry);
    for (const name of portNamesOf(entry)) this.#releaseName(name, entry);
  }

  #use(atom: Atom, entry: PolicyEntry): void {
    atom.users.add(entry);
    if (atom.users.size > 1) return;
    if (atom.kind !== 'pods') this.changedBlocks.add(atom);
    else this.#touch(this.peers.add(atom), atom);
  }

  #release(atom: Atom, entry: PolicyEntry): void {
    atom.users.delete(entry);
    if (atom.users.size > 0) return;
    this.atoms.delete(atom);
    if (atom.kind !== 'pods') {
      this.changedBlocks.add(atom);
      return;
    }
    this.#touch(this.peers.delete(atom), atom);
    this.#left(atom);
  }

  /** Notes the namespace that a scope named by itself. */
  #left({ namespaces }: Scope): void {
    if ('own' in namespaces) this.#dirty.namespaces.add(namespaces.own);
  }

  #useName(name: string, entry: PolicyEntry): void {
    const users = this.#portNames.get(name);
    if (users !== undefined) {
      users.add(entry);
      return;
    }
    this.#portNames.set(name, new Set([entry]));
    for (const shape of this.#shapes.declaring(name)) this.#dirty.shapes.add(shape);
  }

  #releaseName(name: string, entry: PolicyEntry): void {
    const users = this.#portNames.get(name);
    users?.delete(entry);
    if (users?.size !== 0) return;
    this.#portNames.delete(name);
    for (const shape of this.#shapes.declaring(name)) this.#dirty.shapes.add(shape);
  }

  /**
   * Shapes that the scope holds are signed anew; all of the namespace when it holds a pod without labels, because then it
   * decides what the others are told apart by.
   */
  #touch(namespaces: readonly string[], scope: Scope): void {
    const plain = matchesSelector(scope.pods, {});
    for (const name of namespaces) {
      for (const shape of this.#shapes.inNamespace(name)) {
        if (plain || matchesSelector(scope.pods, shape.labels)) this.#dirty.shapes.add(shape);
      }
    }
  }
}

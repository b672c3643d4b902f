import { type FlatObject, isMarkedOurs, type ObjectMap, rootFinder } from '#model/aci';
import { type Change, changeOf, conflictsOf, type Difference, hasAncestorIn, isAtOrBelow, isLeftOut } from './diff.js';
import { differingDns } from './differing.js';
import { DnTree } from './dn-tree.js';
import { isOfOthers } from './others-below.js';
import { OwnerIndex, ownerMarkOf } from './owner-index.js';
import type { PlanFacts } from './plan-facts.js';
import { policyTargets } from './relation-target.js';
import { SideIndex } from './side-index.js';

const EMPTY: ObjectMap = new Map();

/**
 * The {@link Difference} between two sides, kept change by change: only Dns that may differ are compared, and what is below
 * an object that may be somebody else's now. Equal at any time to the whole difference of the two sides.
 */
export class LiveDifference {
  readonly #clusterId: string;
  #desired: ObjectMap = EMPTY;
  #actual: ObjectMap = EMPTY;
  /** Everything that either side has. */
  #tree = new DnTree();
  #indices = { desired: new SideIndex(), actual: new SideIndex() };
  #owners = { desired: new OwnerIndex(), actual: new OwnerIndex() };
  /** Objects that are to be made or modified. */
  readonly #wanted = new Map<string, Change>();
  /** Objects of ours that nobody wants any more. */
  readonly #stale = new Map<string, FlatObject>();
  readonly #ours = new Set<string>();
  /** Objects that we would own, and somebody else has. */
  readonly #taken = new Set<string>();
  /** Objects that are on their way to the fabric, by how many POSTs. */
  readonly #posting = new Map<string, number>();
  /** Objects that would be taken for somebody else's, were they not on their way. */
  readonly #spared = new Set<string>();
  /** Objects to look at again, as no POST with them is on its way any more. */
  readonly #landed = new Set<string>();
  #news = 0;

  constructor(clusterId: string) {
    this.#clusterId = clusterId;
  }

  /**
   * Takes in both sides as they are now. `actualChanged` are Dns of the fabric that may differ from the last time (the map may
   * be the same one, changed in place); undefined when all of them may.
   */
  update(desired: ObjectMap, actual: ObjectMap, actualChanged: ReadonlySet<string> | undefined): void {
    // The first time, and where the fabric is another map than before, nothing is known of it, whatever is said to differ.
    if (actualChanged === undefined || actual !== this.#actual) {
      this.#forget();
      this.#take(desired, actual);
      const all = new Set([...actual.keys(), ...desired.keys()]);
      for (const dn of all) this.#tree.add(dn);
      this.#noteOwners(all);
      this.#recheck(all);
      return;
    }
    const changed = new Set([...differingDns(this.#desired, desired), ...actualChanged, ...this.#landed]);
    this.#landed.clear();
    this.#take(desired, actual);
    if (changed.size === 0) return;
    this.#noteOwners(changed);
    this.#recheck(this.#withDependents(changed));
  }

  /**
   * Objects that a POST is about to make. Events tell of them one by one: seen without its mark, such an object is not somebody
   * else's for that. To be called back when the POST has ended, however it did, and what it made was taken in.
   */
  posting(dns: readonly string[]): () => void {
    for (const dn of dns) this.#posting.set(dn, (this.#posting.get(dn) ?? 0) + 1);
    return () => {
      for (const dn of dns) {
        const left = (this.#posting.get(dn) ?? 0) - 1;
        if (left > 0) this.#posting.set(dn, left);
        else this.#posting.delete(dn);
        if (left <= 0 && this.#spared.delete(dn)) this.#landed.add(dn);
      }
    };
  }

  /** Whether some POST is on its way. */
  get isPosting(): boolean {
    return this.#posting.size > 0;
  }

  /** Whether the Dn is that of an object that we would own, and somebody else has it. */
  #isTaken(dn: string): boolean {
    const { desired, actual } = this.#owners;
    if (desired.of(dn) === undefined || actual.of(dn) === this.#clusterId || !this.#actual.has(dn)) return false;
    const isPosting = this.#posting.has(dn);
    if (isPosting) this.#spared.add(dn);
    return !isPosting;
  }

  #take(desired: ObjectMap, actual: ObjectMap): void {
    this.#desired = desired;
    this.#actual = actual;
  }

  /**
   * Counts differences that came or became others. What is made goes from the difference without being counted: as long as
   * this stays the same, all that differs was known before.
   */
  get news(): number {
    return this.#news;
  }

  /** All that differs now, in no order. */
  get difference(): Difference {
    const gone = new Set(this.#stale.keys());
    const changes = [...this.#wanted.values()];
    for (const [dn, object] of this.#stale) if (!hasAncestorIn(gone, dn)) changes.push({ kind: 'delete', object });
    return { changes, conflicts: conflictsOf(this.#taken, this.#actual, this.#clusterId) };
  }

  /** Whether the test holds for some object that is to be made or modified. */
  some(test: (change: Change) => boolean): boolean {
    for (const change of this.#wanted.values()) if (test(change)) return true;
    return false;
  }

  /** What a plan needs to know beside the difference. Read at once: the sets change in place. */
  get facts(): PlanFacts {
    const { desired, actual } = this.#indices;
    return {
      denying: new Set([...desired.denials.values(), ...actual.denials.values()]),
      outside: { desired: desired.outside, actual: actual.outside },
      below: (dn) => [...this.#tree.below(dn)].flatMap((inner) => this.#actual.get(inner) ?? []),
      owned: () => this.#ours.size,
    };
  }

  /** Whether a change that was planned before is still one, and the same. */
  has(change: Change): boolean {
    const { dn } = change.object;
    if (change.kind === 'delete') {
      return this.#actual.has(dn) && (this.#stale.has(dn) || hasAncestorIn(this.#stale, dn)) && !this.#hasOthers(dn);
    }
    const now = this.#wanted.get(dn);
    if (now === undefined || now.kind === 'delete' || now.kind !== change.kind) return false;
    // Some fields of a change may have been left to somebody else.
    return change.fields.every(
      (field) => now.fields.includes(field) && now.object.attributes[field] === change.object.attributes[field],
    );
  }

  /** Whether somebody else configured something below the Dn. */
  #hasOthers(dn: string): boolean {
    for (const inner of this.#tree.below(dn)) {
      const object = this.#actual.get(inner);
      if (object !== undefined && isOfOthers(object, () => this.#ours.has(inner))) return true;
    }
    return false;
  }

  #forget(): void {
    this.#tree = new DnTree();
    this.#indices = { desired: new SideIndex(), actual: new SideIndex() };
    this.#owners = { desired: new OwnerIndex(), actual: new OwnerIndex() };
    for (const known of [this.#wanted, this.#stale, this.#ours, this.#taken, this.#spared, this.#landed]) known.clear();
  }

  /**
   * The Dns, and what is below those where a name is taken or free since now; where somebody's mark came, went or changed, and
   * where an object is gone, only what the fabric has: that may be another's now, and what is to be made there is the same. Where
   * any name is taken, that may follow from a mark that is wanted, too. Relations to a name that is taken or free since now are in question as well.
   */
  #withDependents(changed: ReadonlySet<string>): ReadonlySet<string> {
    const dependents = new Set(changed);
    const moved = new Set<string>();
    for (const dn of changed) {
      if (this.#actual.has(dn) || this.#desired.has(dn)) this.#tree.add(dn);
      const marked = ownerMarkOf(dn);
      const owner = marked ?? dn;
      const hasMoved = this.#isTaken(owner) !== this.#taken.has(owner);
      if (marked === undefined && !hasMoved && this.#actual.has(dn)) continue;
      dependents.add(owner);
      if (hasMoved) moved.add(owner);
      const isAll = hasMoved || this.#taken.size > 0;
      for (const inner of this.#tree.below(owner)) if (isAll || this.#actual.has(inner)) dependents.add(inner);
    }
    if (moved.size > 0) for (const dn of this.#relatedTo(moved)) dependents.add(dn);
    return dependents;
  }

  /** Relations that are wanted to these or to what is below, with what is below them. Asked for seldom enough for a look at everything. */
  *#relatedTo(dns: ReadonlySet<string>): Iterable<string> {
    for (const object of this.#desired.values()) {
      if (!policyTargets(object).some((target) => isAtOrBelow(dns, target))) continue;
      yield object.dn;
      yield* this.#tree.below(object.dn);
    }
  }

  #recheck(dns: ReadonlySet<string>): void {
    for (const dn of dns) this.#taken[this.#isTaken(dn) ? 'add' : 'delete'](dn);
    const side = { desired: this.#desired, rootIn: rootFinder(this.#desired) };
    for (const dn of dns) {
      const [object, found] = [this.#desired.get(dn), this.#actual.get(dn)];
      this.#indices.desired.note(dn, object);
      this.#indices.actual.note(dn, found);
      const isOthers = this.#taken.size > 0 && object !== undefined && isLeftOut(object, this.#taken, side);
      this.#noteWanted(dn, { object: isOthers ? undefined : object, found });
      this.#noteFound(dn, object, found);
      if (object === undefined && found === undefined) this.#tree.remove(dn, this.#isThere);
    }
  }

  #noteWanted(dn: string, { object, found }: Compared): void {
    const change = object === undefined ? undefined : changeOf(object, found);
    if (change === undefined) {
      this.#wanted.delete(dn);
      return;
    }
    if (!this.has(change)) this.#news += 1;
    this.#wanted.set(dn, change);
  }

  #noteFound(dn: string, object: FlatObject | undefined, found: FlatObject | undefined): void {
    const isOwn = found !== undefined && isMarkedOurs(found, this.#owners.actual.of, this.#clusterId);
    this.#ours[isOwn ? 'add' : 'delete'](dn);
    if (!isOwn || object !== undefined || (this.#taken.size > 0 && isAtOrBelow(this.#taken, dn))) {
      this.#stale.delete(dn);
      return;
    }
    if (!this.#stale.has(dn)) this.#news += 1;
    this.#stale.set(dn, found);
  }

  readonly #isThere = (dn: string): boolean => this.#desired.has(dn) || this.#actual.has(dn);

  /** Before anything is compared: whose an object is, decides about others. */
  #noteOwners(dns: ReadonlySet<string>): void {
    for (const dn of dns) {
      this.#owners.desired.note(dn, this.#desired);
      this.#owners.actual.note(dn, this.#actual);
    }
  }
}

interface Compared {
  /** What is wanted; nothing where it would belong to somebody else's object. */
  readonly object: FlatObject | undefined;
  readonly found: FlatObject | undefined;
}

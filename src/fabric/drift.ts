import {
  type FlatObject,
  isSameObject,
  MARK_KEYS,
  markDn,
  type ObjectMap,
  ownerOf,
  parentDn,
  rootFinder,
} from '#model/aci';
import { ADDED, DELETED } from '#model/settings';
import { type Change, isStep } from './diff.js';
import { isOwnMark } from './drift-policy.js';
import type { LastEqual } from './last-equal.js';
import { denyingContracts, phaseOf } from './phases.js';

/** What is in the fabric by somebody else's doing: a field with another value, an object that is gone, or one too many. */
export interface Deviation {
  readonly className: string;
  readonly dn: string;
  /** A property, or {@link DELETED} or {@link ADDED} of the object as a whole. */
  readonly field: string;
  /** The value that the gateway wants; undefined of an object as a whole. */
  readonly wanted: string | undefined;
  /** The value that the fabric has; undefined of an object as a whole. */
  readonly found: string | undefined;
}

/** What the gateway itself did a moment ago: an event of it may come late, after what it did next. */
export interface OwnDoing {
  /** Whether it gave the property this value. */
  gave(dn: string, field: string, value: string): boolean;
  /** Whether it made or changed the object. */
  made(dn: string): boolean;
  /** Whether it deleted the object or one above. */
  deleted(dn: string): boolean;
}

/** Both sides, canonical, and what is remembered of them. */
export interface DriftSides {
  readonly desired: ObjectMap;
  readonly actual: ObjectMap;
  /** Dns of objects that are an admin's and must be there already. */
  readonly references: ReadonlySet<string>;
  /** Dns of wanted objects of which the hash on the whole that they belong to says nothing. */
  readonly unmarked: ReadonlySet<string>;
  readonly lastEqual: LastEqual;
  readonly own: OwnDoing;
}

/**
 * Why a change is to be made. `wanted`: what the gateway wants is another than before. `rollback`: the fabric is in an older
 * state of the gateway's own, as after a restored snapshot. `drift`: what is wanted is the same, and somebody changed it.
 */
export type Judgement =
  | { readonly cause: 'wanted' | 'rollback' }
  | { readonly cause: 'drift'; readonly deviations: readonly Deviation[] };

const WANTED: Judgement = { cause: 'wanted' };
const ROLLBACK: Judgement = { cause: 'rollback' };

/** Judges the changes of one comparison. What takes a look at all objects is done when it is needed, once. */
export class DriftJudge {
  readonly #sides: DriftSides;
  readonly #missing = new Map<string, Judgement>();
  readonly #tops = new Map<string, Top>();
  readonly #rootIn: (dn: string) => string | undefined;
  readonly #currentMarks = new Map<string, FlatObject | undefined>();
  #denying: ReadonlySet<string> | undefined;
  #anyOlder: { readonly judgement: Judgement | undefined } | undefined;

  constructor(sides: DriftSides) {
    this.#sides = sides;
    this.#rootIn = rootFinder(sides.desired);
  }

  judge(change: Change): Judgement {
    if (change.kind === 'create') return this.#ofMissing(this.top(change.object.dn));
    return change.kind === 'delete' ? this.#ofSurplus(change.object) : this.#ofModified(change);
  }

  /**
   * The topmost object of the gateway's that is missing, of those at and above a missing one: they were deleted with it.
   * Undefined where an admin's object is missing above: what is below waits until it is there again.
   */
  top(dn: string): string | undefined {
    return this.#topAt(dn).dn;
  }

  #topAt(dn: string): Top {
    const { desired, actual, references } = this.#sides;
    const object = desired.get(dn);
    if (object === undefined || actual.has(dn)) return NONE_MISSING;
    if (references.has(dn)) return WAITS;
    const above = this.#topAbove(parentDn(dn) ?? '');
    if (above.waits || above.dn !== undefined) return above;
    return isStep(object) ? NONE_MISSING : { dn, waits: false };
  }

  /** Remembered: much is below the same. */
  #topAbove(dn: string): Top {
    const known = this.#tops.get(dn) ?? this.#topAt(dn);
    this.#tops.set(dn, known);
    return known;
  }

  /**
   * What was last equal of the object of a change, by memory, or by the marks: where the hash of what was written is the
   * one of what is wanted, the fabric held just that.
   */
  known(change: Change): FlatObject | undefined {
    const { lastEqual, desired } = this.#sides;
    const { dn } = change.object;
    if (change.kind === 'delete') return lastEqual.get(dn) ?? (lastEqual.isEmpty ? change.object : undefined);
    return lastEqual.get(dn) ?? (this.#isMarkedAsWritten(change) ? desired.get(dn) : undefined);
  }

  #ofModified(change: Change & { readonly kind: 'create' | 'modify' }): Judgement {
    const { actual, own } = this.#sides;
    const { className, dn, attributes } = change.object;
    const older = this.#ofOlder(dn);
    if (older !== undefined) return older;
    const known = this.known(change);
    if (known === undefined) return WANTED;
    const deviations = change.fields.flatMap((field): readonly Deviation[] => {
      const wanted = attributes[field];
      const found = actual.get(dn)?.attributes[field] ?? '';
      if (known.attributes[field] !== wanted || own.gave(dn, field, found)) return [];
      return [{ className, dn, field, wanted, found }];
    });
    return deviations.length === 0 ? WANTED : { cause: 'drift', deviations };
  }

  /** Of the topmost object of those that are missing: what is below shares its fate. */
  #ofMissing(top: string | undefined): Judgement {
    if (top === undefined) return WANTED;
    const before = this.#missing.get(top);
    if (before !== undefined) return before;
    const object = this.#sides.desired.get(top);
    const judgement = object === undefined ? WANTED : this.#ofDeleted(object);
    this.#missing.set(top, judgement);
    return judgement;
  }

  #ofDeleted(object: FlatObject): Judgement {
    const { desired, own } = this.#sides;
    const { className, dn, attributes } = object;
    const isRoot = desired.has(markDn(dn, MARK_KEYS.owner));
    const older = isRoot ? undefined : this.#ofOlder(dn);
    if (older !== undefined) return older;
    const known = this.known({ kind: 'create', object, fields: Object.keys(attributes) });
    if (known === undefined || !isSameObject(known, object) || own.deleted(dn)) return WANTED;
    const anyOlder = isRoot ? this.#ofAnyOlder() : undefined;
    if (anyOlder !== undefined) return anyOlder;
    return { cause: 'drift', deviations: [{ className, dn, field: DELETED, wanted: undefined, found: undefined }] };
  }

  #ofSurplus(object: FlatObject): Judgement {
    const { actual, own } = this.#sides;
    const { className, dn } = object;
    if (this.known({ kind: 'delete', object }) !== undefined || own.made(dn)) return WANTED;
    // A whole with marks of the gateway's that it does not know of was there before.
    if (ownerOf(actual, dn) !== undefined) return ROLLBACK;
    const older = this.#ofOlder(dn);
    if (older !== undefined) return older;
    return { cause: 'drift', deviations: [{ className, dn, field: ADDED, wanted: undefined, found: undefined }] };
  }

  /**
   * What follows when the whole that the object belongs to carries the hash of something that was written before what was
   * last equal: no admin's edit changes that mark. If it was written a moment ago, an event may just have come late. Either
   * way the whole is to be brought up to date. Undefined when the mark is as it should be.
   */
  #ofOlder(dn: string): Judgement | undefined {
    const { desired, actual, lastEqual, own } = this.#sides;
    const root = this.#rootIn(dn);
    if (root === undefined) return undefined;
    const mark = markDn(root, MARK_KEYS.hash);
    const found = valueOf(actual.get(mark));
    const known = valueOf(lastEqual.get(mark));
    if (found === undefined || known === undefined || found === known) return undefined;
    if (found === valueOf(desired.get(mark))) return undefined;
    return own.gave(mark, 'value', found) ? WANTED : ROLLBACK;
  }

  /** What follows for wholes that are missing: where any other is older, they were not there yet. */
  #ofAnyOlder(): Judgement | undefined {
    this.#anyOlder ??= { judgement: this.#firstOlder() };
    return this.#anyOlder.judgement;
  }

  #firstOlder(): Judgement | undefined {
    for (const { dn, className, attributes } of this.#sides.desired.values()) {
      if (className !== 'tagAnnotation' || attributes['key'] !== MARK_KEYS.hash) continue;
      const judgement = this.#ofOlder(dn);
      if (judgement !== undefined) return judgement;
    }
    return undefined;
  }

  /**
   * Whether the object was written as it is wanted, by the hash on the whole that it belongs to. It says so of what is
   * posted together with it, in one transaction: a gateway that ended between two phases left the later ones undone. It
   * says nothing of the marks themselves.
   */
  #isMarkedAsWritten(change: Change): boolean {
    const { dn } = change.object;
    if (isOwnMark(change.object) || this.#sides.unmarked.has(dn)) return false;
    const mark = this.#currentMark(this.#rootIn(dn));
    if (mark === undefined) return false;
    this.#denying ??= denyingContracts(this.#sides);
    const marking = phaseOf({ kind: 'create', object: mark, fields: ['value'] }, this.#sides, this.#denying);
    return phaseOf(change, this.#sides, this.#denying) === marking;
  }

  /** The hash on a whole, when the fabric has the one that is wanted. */
  #currentMark(root: string | undefined): FlatObject | undefined {
    if (root === undefined) return undefined;
    if (this.#currentMarks.has(root)) return this.#currentMarks.get(root);
    const { desired, actual } = this.#sides;
    const mark = desired.get(markDn(root, MARK_KEYS.hash));
    const isCurrent = mark !== undefined && valueOf(actual.get(mark.dn)) === valueOf(mark);
    this.#currentMarks.set(root, isCurrent ? mark : undefined);
    return isCurrent ? mark : undefined;
  }
}

/** The topmost object that is missing, if any; or whether an admin's is missing above. */
interface Top {
  readonly dn: string | undefined;
  readonly waits: boolean;
}

const NONE_MISSING: Top = { dn: undefined, waits: false };
const WAITS: Top = { dn: undefined, waits: true };

const valueOf = (mark: FlatObject | undefined): string | undefined => mark?.attributes['value'];

import { type Change, type Deviation, DriftJudge, type DriftPolicies, type DriftSides } from '#fabric';
import { type FlatObject, type ObjectMap } from '#model/aci';
import { ADDED, DELETED } from '#model/settings';
import type { Fights } from './fights.js';
import { driftKey } from './item.js';
import type { DriftLedger } from './ledger.js';
import { sourcesOf } from './sources.js';

/** What a review decides by, and enters what it finds into. */
export interface ReviewParts {
  readonly policies: DriftPolicies;
  readonly fights: Fights;
  readonly ledger: DriftLedger;
  /** Keys of what was adopted when the review began. */
  readonly adopted: ReadonlySet<string>;
  /** The time that people are told, and the one by which waits are measured. */
  readonly now: number;
  readonly uptime: number;
}

/** Goes over the changes of one comparison, and leaves out what the policies leave to others. */
export class DriftReview {
  readonly #sides: DriftSides;
  readonly #parts: ReviewParts;
  readonly #judge: DriftJudge;
  readonly #known = new Map<string, FlatObject | undefined>();
  readonly #adopted = new Set<string>();
  readonly #rolledBack = new Map<string, string>();
  /** Whether a missing object stays missing, by its Dn. */
  readonly #heldMissing = new Map<string, boolean>();

  constructor(sides: DriftSides, parts: ReviewParts) {
    this.#sides = sides;
    this.#parts = parts;
    this.#judge = new DriftJudge(sides);
  }

  get desired(): ObjectMap {
    return this.#sides.desired;
  }

  /** What was known of each object that differs, from before. */
  get known(): ReadonlyMap<string, FlatObject | undefined> {
    return this.#known;
  }

  /** What is adopted from now on: what was found adopted or adoptable. */
  get adopted(): ReadonlySet<string> {
    return this.#adopted;
  }

  /** Class of each object in an older state of the gateway's own, by Dn. */
  get rolledBack(): ReadonlyMap<string, string> {
    return this.#rolledBack;
  }

  /** The change as it is to be made, or undefined. */
  adjust(change: Change): Change | undefined {
    const { dn, className } = change.object;
    this.#known.set(dn, this.#judge.known(change));
    const judgement = this.#judge.judge(change);
    if (judgement.cause === 'rollback') {
      this.#rolledBack.set(dn, className);
      return change;
    }
    const deviations = judgement.cause === 'drift' ? judgement.deviations : [];
    switch (change.kind) {
      case 'modify':
        return this.#ofModified(change, deviations);
      case 'create':
        return this.#isHeldMissing(this.#judge.top(dn), deviations) ? undefined : change;
      default:
        return deviations.some((deviation) => this.#isHeld(deviation)) ? undefined : change;
    }
  }

  /** Fields that are held stay out of the object, too: what is noted as written must be what was written. */
  #ofModified(
    change: Change & { readonly kind: 'create' | 'modify' },
    deviations: readonly Deviation[],
  ): Change | undefined {
    const { object, fields } = change;
    const deviating = [...deviations, ...this.#adoptedBefore(change, deviations)];
    const held = new Set(deviating.filter((deviation) => this.#isHeld(deviation)).map(({ field }) => field));
    if (held.size === 0) return change;
    const rest = fields.filter((field) => !held.has(field));
    if (rest.length === 0) return undefined;
    const attributes = Object.fromEntries(Object.entries(object.attributes).filter(([field]) => !held.has(field)));
    return { ...change, object: { ...object, attributes }, fields: rest };
  }

  /** Fields that were adopted, of which the gateway wants something else by now: they are not its own any more. */
  #adoptedBefore(
    { object, fields }: Change & { readonly kind: 'create' | 'modify' },
    deviations: readonly Deviation[],
  ): readonly Deviation[] {
    const { className, dn, attributes } = object;
    const found = this.#sides.actual.get(dn)?.attributes;
    return fields
      .filter((field) => this.#parts.adopted.has(driftKey({ dn, field })))
      .filter((field) => deviations.every((deviation) => deviation.field !== field))
      .map((field) => ({ className, dn, field, wanted: attributes[field], found: found?.[field] ?? '' }));
  }

  /** Whatever is below a missing object that is left missing would bring it back. */
  #isHeldMissing(top: string | undefined, deviations: readonly Deviation[]): boolean {
    if (top === undefined) return false;
    const known = this.#heldMissing.get(top);
    if (known !== undefined) return known;
    const deviating = deviations.length > 0 ? deviations : this.#adoptedMissing(top);
    const held = deviating.some((deviation) => this.#isHeld(deviation));
    this.#heldMissing.set(top, held);
    return held;
  }

  #adoptedMissing(dn: string): readonly Deviation[] {
    const className = this.#sides.desired.get(dn)?.className ?? '';
    if (!this.#parts.adopted.has(driftKey({ dn, field: DELETED }))) return [];
    return [{ className, dn, field: DELETED, wanted: undefined, found: undefined }];
  }

  /** Enters a deviation into the book; whether it is left as it is, for now or for good. */
  #isHeld(deviation: Deviation): boolean {
    const { policies, fights, ledger, now, uptime } = this.#parts;
    const { desired, actual } = this.#sides;
    const key = driftKey(deviation);
    const policy = policies(deviation, deviation.field);
    const waitMs = policy === 'repair' ? fights.waitMs(key, uptime) : 0;
    ledger.see({
      deviation,
      policy,
      sources: sourcesOf(deviation.dn, deviation.field === ADDED ? [actual] : [desired, actual]),
      modifiedAt: actual.get(deviation.dn)?.attributes['modTs'],
      pausedUntil: waitMs > 0 ? now + waitMs : undefined,
      now,
    });
    if (policy === 'adopt') this.#adopted.add(key);
    return policy !== 'repair' || waitMs > 0;
  }
}

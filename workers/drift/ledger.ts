import { type Deviation, driftEffect } from '#fabric';
import type { DriftPolicy } from '#model/settings';
import type { DriftAuthor, DriftCount } from '#ports';
import { type DriftItem, driftKey } from './item.js';

/** What is known of a deviation when it is seen. */
export interface Sighting {
  readonly deviation: Deviation;
  readonly policy: DriftPolicy;
  readonly sources: readonly string[];
  readonly modifiedAt: string | undefined;
  /** When the gateway will put it back, in a fight. */
  readonly pausedUntil: number | undefined;
  readonly now: number;
}

/** The book of drift: each edit is entered once, however often it is seen, and goes when it is over. */
export class DriftLedger {
  readonly #windowMs: number;
  readonly #items = new Map<string, DriftItem>();
  readonly #counts = new Map<string, DriftCount>();
  readonly #seen = new Set<string>();
  #untold: string[] = [];

  /** @param windowMs for how long a repair is shown */
  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** What stands, and what was repaired within the window, in the order of finding. */
  items(now: number): readonly DriftItem[] {
    return [...this.#items.values()].filter(({ repairedAt }) => (repairedAt ?? now) > now - this.#windowMs);
  }

  get isEmpty(): boolean {
    return this.#items.size === 0;
  }

  /** The edit as it is now; undefined when it is over, or another one has taken its place. */
  now({ key, found, modifiedAt, since }: DriftItem): DriftItem | undefined {
    const item = this.#items.get(key);
    if (item?.since !== since || item.found !== found || item.modifiedAt !== modifiedAt) return undefined;
    return item;
  }

  /** Everything found since the start. */
  get counts(): readonly DriftCount[] {
    return [...this.#counts.values()];
  }

  /** Whether {@link takeUntold} has something. */
  get hasUntold(): boolean {
    return this.#untold.length > 0;
  }

  /** A comparison begins. */
  begin(now: number): void {
    this.#seen.clear();
    for (const [key, { repairedAt }] of this.#items) {
      if (repairedAt !== undefined && repairedAt <= now - this.#windowMs) this.#items.delete(key);
    }
  }

  /** A comparison shows a deviation. Whether it is a new edit. */
  see(sighting: Sighting): boolean {
    const { deviation, pausedUntil } = sighting;
    const key = driftKey(deviation);
    this.#seen.add(key);
    const known = this.#items.get(key);
    if (known !== undefined && isSameEdit(known, sighting)) {
      this.#items.set(key, { ...known, wanted: deviation.wanted, pausedUntil, repairedAt: undefined });
      return false;
    }
    this.#items.set(key, newItem(key, known, sighting));
    this.#untold.push(key);
    this.count(sighting.policy, deviation.className);
    return true;
  }

  /** Counts one object or field. */
  count(policy: DriftPolicy, className: string): void {
    const key = `${policy} ${className}`;
    const { count } = this.#counts.get(key) ?? { count: 0 };
    this.#counts.set(key, { policy, className, count: count + 1 });
  }

  /** The comparison is done: what stood and was not seen is over. */
  end(): void {
    for (const [key, { repairedAt }] of this.#items) {
      if (repairedAt === undefined && !this.#seen.has(key)) this.#items.delete(key);
    }
  }

  /** Notes that it was put back; whether that is the first time for this edit. */
  repaired(key: string, now: number): boolean {
    const item = this.#items.get(key);
    if (item === undefined) return false;
    this.#items.set(key, { ...item, repairedAt: now, wasRepaired: true, pausedUntil: undefined });
    return !item.wasRepaired;
  }

  /** Notes who did it. */
  signed(edit: DriftItem, author: DriftAuthor): void {
    const item = this.now(edit);
    if (item === undefined) return;
    const users = [...item.users.filter((user) => user !== author.user), author.user];
    this.#items.set(item.key, { ...item, author, users });
  }

  /** New edits that nobody was told of, each as it is now; those that are over already have been left out. */
  takeUntold(): readonly DriftItem[] {
    const keys = new Set(this.#untold);
    this.#untold = [];
    return [...keys].flatMap((key) => this.#items.get(key) ?? []);
  }
}

/** An edit that stands is the same as long as its value is; one that was repaired is, when its very event comes again. */
function isSameEdit(known: DriftItem, { deviation, modifiedAt }: Sighting): boolean {
  if (known.found !== deviation.found) return false;
  if (known.repairedAt === undefined) return true;
  return modifiedAt !== undefined && known.modifiedAt === modifiedAt;
}

function newItem(key: string, known: DriftItem | undefined, sighting: Sighting): DriftItem {
  const { deviation, policy, sources, modifiedAt, pausedUntil, now } = sighting;
  return {
    ...deviation,
    key,
    policy,
    effect: driftEffect(deviation),
    sources,
    modifiedAt,
    since: now,
    repairedAt: undefined,
    wasRepaired: false,
    pausedUntil,
    author: undefined,
    users: known?.users ?? [],
    flips: known?.repairedAt === undefined ? (known?.flips ?? 0) : known.flips + 1,
  };
}

import { type Change, DnTree, FAULT_CLASSES } from '#fabric';
import { type FlatObject, type ObjectMap } from '#model/aci';
import type { FabricChange, FabricSink, Logger } from '#ports';
import { ChangedKeys } from './mirror/changed-keys.js';
import { isEqual, ObjectKeeper } from './mirror/kept-object.js';
import { estimatedBytes, type MirrorSize } from './mirror/mirror-size.js';
import { ToldMeanwhile } from './mirror/told-meanwhile.js';

/** What the lists after the first one found out that events had not told. */
export interface RelistCounts {
  /** Lists after the first one. */
  readonly lists: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** The fabric's objects that matter to us, canonical, kept up to date by websocket events and by our own writes. */
export class FabricMirror implements FabricSink {
  readonly #objects = new Map<string, FlatObject>();
  /** Faults are no configuration: they change nothing that is planned, and are kept apart. */
  readonly #faults = new Map<string, FlatObject>();
  readonly #tree = new DnTree();
  readonly #keeper = new ObjectKeeper();
  readonly #changedDns = new ChangedKeys();
  /** What events told of since each POST that is on its way was sent. */
  readonly #told = new Set<ToldMeanwhile>();
  /** What was written since each listing began that is on its way. */
  readonly #written = new Set<ToldMeanwhile>();
  #trusted = false;
  #version = 0;
  #trouble: string | undefined = 'not listed yet';
  #relists: RelistCounts = { lists: -1, added: 0, changed: 0, removed: 0 };
  #size: { readonly contents: number; readonly size: MirrorSize } | undefined;
  /** Counts every difference, those of faults too. */
  #contents = 0;
  readonly #changed: () => void;
  readonly #log: Logger;

  /** @param changed called after every change that the fabric reported, and when the picture can be trusted again. */
  constructor(changed: () => void, log: Logger) {
    this.#changed = changed;
    this.#log = log;
  }

  /** Objects by Dn. Read at once: the map changes in place. An object that stays as it is stays the same object. */
  get objects(): ObjectMap {
    return this.#objects;
  }

  /** Faults on these objects by Dn. Read at once: the map changes in place. */
  get faults(): ObjectMap {
    return this.#faults;
  }

  /** Whether the picture is complete and its subscriptions live. Nothing is planned against one that is not. */
  get trusted(): boolean {
    return this.#trusted;
  }

  /** Counts changes: equal versions are equal contents. Faults do not count. */
  get version(): number {
    return this.#version;
  }

  /** Why the picture cannot be trusted, in words; undefined when it can. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** What lists after the first one changed, in all: a high number says that events are lost. */
  get relists(): RelistCounts {
    return { ...this.#relists, lists: Math.max(0, this.#relists.lists) };
  }

  /** How much is held, and what that takes of memory. */
  get size(): MirrorSize {
    if (this.#size?.contents === this.#contents) return this.#size.size;
    let bytes = 0;
    for (const map of [this.#objects, this.#faults]) for (const object of map.values()) bytes += estimatedBytes(object);
    const size = { objects: this.#objects.size, faults: this.#faults.size, bytes };
    this.#size = { contents: this.#contents, size };
    return size;
  }

  /**
   * Dns of the objects (not faults) that came, differ or went since the last call, by events, lists and our own writes;
   * undefined stands for everything: the first time, and when they were too many. For one caller.
   */
  takeChanged(): ReadonlySet<string> | undefined {
    return this.#changedDns.take();
  }

  knows(dn: string): boolean {
    return this.#objects.has(dn) || this.#faults.has(dn);
  }

  listing(): ToldMeanwhile {
    const written = new ToldMeanwhile(() => this.#written.delete(written));
    this.#written.add(written);
    return written;
  }

  /**
   * Takes a complete list: only what differs is touched, and nothing that was written while it was on its way. The pages may be
   * of before that, and its events may come after them.
   *
   * @param written what was noted since the listing began, as {@link listing} gave it
   */
  replaced(objects: readonly FlatObject[], written?: ToldMeanwhile): void {
    const listed = new Set<string>();
    const counts = { added: 0, changed: 0, removed: 0 };
    const { version } = this;
    written?.end();
    for (const object of objects) {
      listed.add(object.dn);
      if (written?.has(object.dn) === true) continue;
      const found = this.#take(object, { whole: true });
      if (found !== 'same') counts[found] += 1;
    }
    for (const map of [this.#objects, this.#faults]) {
      for (const dn of map.keys()) {
        if (listed.has(dn) || written?.has(dn) === true) continue;
        this.#drop(dn);
        counts.removed += 1;
      }
    }
    this.#report(counts);
    const wasTrusted = this.#trusted;
    this.#trusted = true;
    this.#trouble = undefined;
    if (!wasTrusted || version !== this.#version) this.#changed();
  }

  changed(change: FabricChange): void {
    const { version } = this;
    for (const told of this.#told) told.note(change);
    if (change.kind === 'deleted') this.#remove(change.dn);
    // A part of an object of which nothing else is known would look like an object with everything else missing.
    else if (change.kind === 'created' || this.knows(change.dn)) this.#take(change);
    if (version !== this.#version) this.#changed();
  }

  lost(reason: string): void {
    this.#trusted = false;
    if (this.#trouble !== reason) this.#log.warn({ reason }, 'lost the picture of the fabric');
    this.#trouble = reason;
  }

  /** Called before a POST is sent: notes of what events tell until it is answered, for {@link applied}. To be ended. */
  listen(): ToldMeanwhile {
    const told = new ToldMeanwhile(() => this.#told.delete(told));
    this.#told.add(told);
    return told;
  }

  /**
   * Notes what the APIC accepted, before its events confirm it; but nothing of objects of which events told since the POST was
   * sent: somebody may have changed them right after it, and its own events come in any case.
   */
  applied(changes: readonly Change[], told?: ToldMeanwhile): void {
    for (const { kind, object } of changes) {
      if (told?.has(object.dn) === true) continue;
      for (const written of this.#written) written.note({ kind: WRITTEN_AS[kind], dn: object.dn });
      if (kind === 'delete') this.#remove(object.dn);
      else this.#take(object);
    }
  }

  /** Takes what is told of an object, all of it or a part; what it was compared with before. */
  #take(told: FlatObject, { whole = false } = {}): 'added' | 'changed' | 'same' {
    const isFault = FAULT_CLASSES.has(told.className);
    const map = isFault ? this.#faults : this.#objects;
    const known = map.get(told.dn);
    const object = this.#keeper.kept(told, whole ? undefined : known);
    if (known !== undefined && isEqual(known, object)) return 'same';
    map.set(known?.dn ?? told.dn, object);
    if (known === undefined) this.#tree.add(told.dn);
    this.#differs(told.dn, isFault);
    return known === undefined ? 'added' : 'changed';
  }

  /** Removes an object and everything below it. */
  #remove(dn: string): void {
    for (const below of [...this.#tree.below(dn)].reverse()) this.#drop(below);
    this.#drop(dn);
  }

  #drop(dn: string): void {
    const isObject = this.#objects.delete(dn);
    const isFault = this.#faults.delete(dn);
    if (!isObject && !isFault) return;
    if (!this.knows(dn)) this.#tree.remove(dn, (other) => this.knows(other));
    this.#differs(dn, !isObject);
  }

  #differs(dn: string, isFault: boolean): void {
    this.#contents += 1;
    if (isFault) return;
    this.#version += 1;
    this.#changedDns.note(dn);
  }

  #report({ added, changed, removed }: Omit<RelistCounts, 'lists'>): void {
    const before = this.#relists;
    const size = { objects: this.#objects.size, faults: this.#faults.size };
    if (before.lists < 0) {
      this.#relists = { ...before, lists: 0 };
      this.#log.info(size, 'listed the fabric');
      return;
    }
    this.#relists = {
      lists: before.lists + 1,
      added: before.added + added,
      changed: before.changed + changed,
      removed: before.removed + removed,
    };
    const fields = { ...size, added, changed, removed };
    if (added + changed + removed === 0) this.#log.debug(fields, 'listed the fabric anew; nothing was missed');
    else this.#log.info(fields, 'listed the fabric anew, and took what had been missed');
  }
}

/** How events would tell of a change. */
const WRITTEN_AS = { create: 'created', modify: 'modified', delete: 'deleted' } as const;

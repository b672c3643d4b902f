import type { Finding } from '../policy/index.js';
import type { KubernetesObject } from './object.js';
import type { ReadResult } from './read-policy.js';
import { sameData } from './same-data.js';

/** What a {@link ViewTable} is told. */
export interface ViewTableOptions<View> {
  readonly read: (object: KubernetesObject) => ReadResult<View>;
  /** Key of the object's view, which is known before the object is read. */
  readonly keyOf: (object: KubernetesObject) => string;
  /** Called before a view comes, goes or changes; undefined stands for none. */
  readonly changing: (key: string, before: View | undefined, after: View | undefined) => void;
}

/** The views of the objects of one kind, each read once when it changes, and what was wrong with each. */
export class ViewTable<View> {
  readonly #options: ViewTableOptions<View>;
  readonly #entries = new Map<string, ReadResult<View>>();
  #sorted: Sorted<View> | undefined;

  constructor(options: ViewTableOptions<View>) {
    this.#options = options;
  }

  get(key: string): View | undefined {
    return this.#entries.get(key)?.view;
  }

  /** Takes in the object as it is now; gives whether it says something else than before. */
  set(object: KubernetesObject): boolean {
    return this.#put(this.#options.keyOf(object), this.#options.read(object));
  }

  /** Takes the object out; gives whether it was there. */
  remove(object: KubernetesObject): boolean {
    return this.#put(this.#options.keyOf(object), undefined);
  }

  /** Takes in the list of all objects for whose keys `among` holds; gives whether it says something else than before. */
  replace(objects: readonly KubernetesObject[], among: (key: string) => boolean): boolean {
    const kept = new Set(objects.map(this.#options.keyOf));
    const gone = [...this.#entries.keys()].filter((key) => among(key) && !kept.has(key));
    let isOther = gone.length > 0;
    for (const key of gone) this.#put(key, undefined);
    for (const object of objects) if (this.set(object)) isOther = true;
    return isOther;
  }

  /** Views and findings now, in the order of the keys. */
  sorted(): Sorted<View> {
    this.#sorted ??= sortedEntries(this.#entries);
    return this.#sorted;
  }

  #put(key: string, result: ReadResult<View> | undefined): boolean {
    const before = this.#entries.get(key);
    const isSameView = sameData(before?.view, result?.view);
    if (isSameView && sameData(before?.findings, result?.findings)) return false;
    if (!isSameView) this.#options.changing(key, before?.view, result?.view);
    if (result === undefined) this.#entries.delete(key);
    else this.#entries.set(key, isSameView ? { ...result, view: before?.view } : result);
    this.#sorted = undefined;
    return true;
  }
}

/** Views and findings in the order of the keys. */
export interface Sorted<View> {
  readonly views: ReadonlyMap<string, View>;
  readonly findings: readonly Finding[];
}

function sortedEntries<View>(entries: ReadonlyMap<string, ReadResult<View>>): Sorted<View> {
  const views = new Map<string, View>();
  const findings: Finding[] = [];
  for (const key of [...entries.keys()].sort()) {
    const entry = entries.get(key);
    if (entry?.view !== undefined) views.set(key, entry.view);
    if (entry !== undefined) findings.push(...entry.findings);
  }
  return { views, findings };
}

import { isWithin, parentDn } from '#model/aci';
import type { ObjectStore, StoredObject, StoredRecord } from '../tree/index.js';
import type { ResponseOptions } from './query-options.js';

/** Logs, which are kept apart from the tree (apic-protocol.md §6.6). */
const LOGS: readonly string[] = ['aaaModLR', 'eventRecord', 'faultRecord', 'healthRecord', 'fvCEpRecord'];

const NONE: readonly StoredRecord[] = [];

/**
 * The records that an answer shows: those about the objects found, with `subtree` also about all that is or was below
 * them. Costs a walk over the records that are kept, not over the tree.
 */
export class ShownRecords {
  /** Records by the object that they are shown with. */
  readonly #byFound = new Map<string, StoredRecord[]>();
  readonly #byAffected = new Map<string, StoredRecord[]>();
  readonly #records: readonly StoredRecord[];

  constructor(store: ObjectStore, found: readonly StoredObject[], options: ResponseOptions) {
    const { include, timeRange = () => true } = options;
    const logs = LOGS.filter((className) => include.classes.has(className));
    this.#records = logs.flatMap((className) => store.records(className).filter(timeRange));
    const holder = include.subtree ? holderAbove(found) : holderAt(found);
    for (const record of this.#records) {
      add(this.#byAffected, record.affected, record);
      const dn = holder(record.affected);
      if (dn !== undefined) add(this.#byFound, dn, record);
    }
  }

  /** Records shown with an object that the query found, the oldest first. */
  ofFound({ dn }: StoredObject): readonly StoredRecord[] {
    return this.#byFound.get(dn) ?? NONE;
  }

  /** Records about an object that is shown below one that was found. */
  ofNested({ dn }: StoredObject): readonly StoredRecord[] {
    return this.#byAffected.get(dn) ?? NONE;
  }

  /** Records of all objects found, each once. */
  all(): readonly StoredRecord[] {
    return [...this.#byFound.values()].flat();
  }
}

function add(map: Map<string, StoredRecord[]>, dn: string, record: StoredRecord): void {
  const known = map.get(dn);
  if (known === undefined) map.set(dn, [record]);
  else known.push(record);
}

/** Which of the objects found a Dn belongs to; undefined for none. */
type Holder = (dn: string) => string | undefined;

function holderAt(found: readonly StoredObject[]): Holder {
  const dns = new Set(found.map(({ dn }) => dn));
  return (dn) => (dns.has(dn) ? dn : undefined);
}

/** The nearest object found at or above the Dn. Each Dn is looked for once, however many records there are about it. */
function holderAbove(found: readonly StoredObject[]): Holder {
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return (dn) => (isWithin(dn, only.dn) ? only.dn : undefined);
  const known = new Map<string, string | undefined>(found.map(({ dn }) => [dn, dn]));
  const holder = (dn: string): string | undefined => {
    if (known.has(dn)) return known.get(dn);
    const above = parentDn(dn);
    const held = above === undefined || above === '' ? undefined : holder(above);
    known.set(dn, held);
    return held;
  };
  return holder;
}

import { FAULT_CLASSES } from '#fabric';
import { type Attributes, canonicalValue, classRow, type FlatObject, tellsOfDerived } from '#model/aci';

/** What the APIC notes about any object beside its configuration (apic-protocol.md §6.4), and what an event adds. */
const BOOKKEEPING: ReadonlySet<string> = new Set(['childAction', 'dn', 'extMngdBy', 'monPolDn', 'rn', 'status']);

/** What is said of a fault, and since when. */
const OF_FAULTS: ReadonlySet<string> = new Set([
  'ack',
  'affected',
  'cause',
  'code',
  'created',
  'descr',
  'lastTransition',
  'lc',
  'severity',
]);

/** What tells whether somebody configured an object, kept only where nobody did. */
const ORIGIN: ReadonlySet<string> = new Set(['uid', 'lcOwn']);

/** Classes that an admin may write to, and whose content is what the fabric has learned. */
const LEARNED: ReadonlySet<string> = new Set(['fvCEp', 'fvIp', 'fvRsCEpToPathEp', 'fvReportingNode']);

/**
 * Whether a plan or a finding can depend on the attribute. Of configuration that is what somebody can set: what only the
 * APIC writes (`pcTag`, `configSt`) is compared with nothing. `modTs` tells two edits apart that say the same. Learned endpoints, and what else nobody
 * configures, are all of what they say. An attribute that the class table does not know is kept.
 */
export function isKept(className: string, attribute: string): boolean {
  if (FAULT_CLASSES.has(className)) return OF_FAULTS.has(attribute);
  if (BOOKKEEPING.has(attribute)) return false;
  if (LEARNED.has(className)) return true;
  const row = classRow(className);
  return row === undefined || row.configurable === false || row.properties[attribute]?.readonly !== true;
}

/** Values longer than this seldom stand on more than one object. */
const LONGEST_SHARED = 40;
/** Different texts that are kept to be shared: the vocabulary of a fabric's values is far smaller. */
const MOST_SHARED = 10_000;

/** Makes objects as the mirror keeps them: canonical, only what matters, equal texts only once in memory. */
export class ObjectKeeper {
  readonly #shared = new Map<string, string>();
  /** {@link isKept} by class and attribute: both come from the APIC's model, so there are not many. */
  readonly #isKept = new Map<string, Map<string, boolean>>();

  /**
   * The object with what is known of it already, which may be of an earlier time or a part. Gives what is known itself where
   * nothing is told that it does not say: most events only confirm what was written.
   */
  kept({ className, dn, attributes }: FlatObject, known?: FlatObject): FlatObject {
    if (known?.className === className && this.#says(known, attributes)) return known;
    const found: Record<string, string> = known === undefined ? {} : { ...known.attributes };
    for (const name in attributes) {
      const value = attributes[name];
      if (value !== undefined && ORIGIN.has(name) && !tellsOfDerived(name, value)) delete found[name];
      if (value === undefined || !this.#isTold(className, name, value)) continue;
      const text = canonicalValue(className, name, value);
      // No two objects have this one in common.
      found[name] = name === WHEN ? text : this.#text(text);
    }
    return { className: this.#text(className), dn, attributes: found };
  }

  /** Whether all that would be kept of the attributes is known already, but for when it was written. */
  #says({ className, attributes: known }: FlatObject, attributes: Attributes): boolean {
    for (const name in attributes) {
      const value = attributes[name];
      // Most values are canonical as they are.
      if (value === undefined || known[name] === value || name === WHEN) continue;
      if (!this.#isTold(className, name, value)) {
        if (known[name] === undefined) continue;
        return false;
      }
      if (known[name] !== canonicalValue(className, name, value)) return false;
    }
    return true;
  }

  /** Whether the object that is kept says what is told. */
  #isTold(className: string, name: string, value: string): boolean {
    if (!ORIGIN.has(name)) return this.#keeps(className, name);
    return tellsOfDerived(name, value) && !FAULT_CLASSES.has(className) && !LEARNED.has(className);
  }

  #keeps(className: string, name: string): boolean {
    let ofClass = this.#isKept.get(className);
    if (ofClass === undefined) {
      ofClass = new Map();
      this.#isKept.set(className, ofClass);
    }
    let keeps = ofClass.get(name);
    if (keeps === undefined) {
      keeps = isKept(className, name);
      ofClass.set(name, keeps);
    }
    return keeps;
  }

  #text(value: string): string {
    const known = this.#shared.get(value);
    if (known !== undefined) return known;
    if (value.length <= LONGEST_SHARED && this.#shared.size < MOST_SHARED) this.#shared.set(value, value);
    return value;
  }
}

/** Whether two objects of one Dn say the same, whenever it was said. */
export function isEqual(one: FlatObject, other: FlatObject): boolean {
  return one === other || (one.className === other.className && isEqualMap(one.attributes, other.attributes));
}

function isEqualMap(one: Attributes, other: Attributes): boolean {
  const [names, others] = [one, other].map((attributes) => Object.keys(attributes).filter((name) => name !== WHEN));
  return names?.length === others?.length && names?.every((name) => one[name] === other[name]) === true;
}

const WHEN = 'modTs';

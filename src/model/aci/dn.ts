import { InvalidInputError } from '../errors.js';
import type { AciClassRow } from './class-row.js';
import { classNames, classRow, mayContain } from './classes.js';

const OPEN = '['.charCodeAt(0);
const CLOSE = ']'.charCodeAt(0);
const SLASH = '/'.charCodeAt(0);

/** The RNs of a Dn: split at `/` outside brackets, which may be nested (apic-protocol.md §2.1). */
export function splitDn(dn: string): readonly string[] {
  const rns: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < dn.length; index += 1) {
    const char = dn.charCodeAt(index);
    if (char === OPEN) depth += 1;
    else if (char === CLOSE) depth -= 1;
    else if (char === SLASH && depth === 0) {
      rns.push(dn.slice(start, index));
      start = index + 1;
    }
  }
  rns.push(dn.slice(start));
  return rns;
}

/** Dn of the parent, or undefined for a root such as `uni`. */
export function parentDn(dn: string): string | undefined {
  let depth = 0;
  for (let index = dn.length - 1; index >= 0; index -= 1) {
    const char = dn.charCodeAt(index);
    if (char === CLOSE) depth += 1;
    else if (char === OPEN) depth -= 1;
    else if (char === SLASH && depth === 0) return dn.slice(0, index);
  }
  // A name with a bracket that stands alone: from the front it is clear where it begins.
  const steps = depth === 0 ? [] : splitDn(dn);
  return steps.length > 1 ? steps.slice(0, -1).join('/') : undefined;
}

/** The topmost object below `uni` that the Dn is at or below: `uni/tn-x`, `uni/infra`, `uni/phys-y`. */
export const topDn = (dn: string): string => splitDn(dn).slice(0, 2).join('/');

/** Last RN of a Dn. */
export const rnOfDn = (dn: string): string => splitDn(dn).at(-1) ?? dn;

/** Dn of a child. The parent of a root class is the empty string. */
export const childDn = (parent: string, rn: string): string => (parent === '' ? rn : `${parent}/${rn}`);

/** Whether `dn` is `ancestor` or lies below it. */
export const isWithin = (dn: string, ancestor: string): boolean => dn === ancestor || dn.startsWith(`${ancestor}/`);

/**
 * The RN of an object of the class, from its naming properties.
 * Throws {@link InvalidInputError} when the class is unknown or a naming property is not set.
 */
export function rnFor(className: string, attributes: Readonly<Record<string, string>>): string {
  const row = classRow(className);
  if (row === undefined) throw new InvalidInputError(`class ${className} is not in the ACI model`);
  return row.rn.replace(/\{(\w+)\}/g, (_, property: string) => {
    const value = attributes[property];
    if (value === undefined || value === '') {
      throw new InvalidInputError(`naming property ${className}.${property} is not set`);
    }
    return value;
  });
}

/** Naming properties read from an RN of the class, or undefined when the RN has another form. Brackets are optional. */
export function namingFromRn(className: string, rn: string): Readonly<Record<string, string>> | undefined {
  const row = classRow(className);
  if (row === undefined) return undefined;
  const match = rnPattern(className, row).exec(rn);
  if (match === null) return undefined;
  return Object.fromEntries(row.naming.map((property, index) => [property, unbracket(match[index + 1] ?? '')]));
}

/** One step of a resolved Dn. */
export interface DnStep {
  readonly className: string;
  readonly rn: string;
  readonly dn: string;
  readonly naming: Readonly<Record<string, string>>;
}

/** Outcome of {@link resolveDn}: the steps, or where the Dn leaves the model. */
export type DnResolution =
  | { readonly ok: true; readonly steps: readonly DnStep[] }
  | { readonly ok: false; readonly rn: string; readonly position: number };

/** Reads a Dn against the containment of the model: the class of every step from the root down. */
export function resolveDn(dn: string): DnResolution {
  const steps: DnStep[] = [];
  let parentClass = 'topRoot';
  let position = 0;
  for (const rn of splitDn(dn)) {
    const step = stepBelow(parentClass, rn);
    if (step === undefined) return { ok: false, rn, position };
    const canonicalRn = rnFor(step.className, step.naming);
    steps.push({ ...step, rn: canonicalRn, dn: childDn(steps.at(-1)?.dn ?? '', canonicalRn) });
    parentClass = step.className;
    position += rn.length + 1;
  }
  return { ok: true, steps };
}

function stepBelow(parentClass: string, rn: string): Omit<DnStep, 'dn' | 'rn'> | undefined {
  for (const className of childClassesOf(parentClass)) {
    if (!rn.startsWith(fixedStart(className))) continue;
    const naming = namingFromRn(className, rn);
    if (naming !== undefined) return { className, naming };
  }
  return undefined;
}

const childClassCache = new Map<string, readonly string[]>();

/** Classes that may stand below the class, those with the longest fixed RN part first (`rsprov-` before `{name}`). */
export function childClassesOf(parentClass: string): readonly string[] {
  const known = childClassCache.get(parentClass);
  if (known !== undefined) return known;
  const found = (childIndex().get(parentClass) ?? [])
    .concat((classRow(parentClass)?.universal ?? []).filter((name) => mayContain(parentClass, name)))
    .sort((a, b) => fixedStart(b).length - fixedStart(a).length || (a < b ? -1 : 1));
  childClassCache.set(parentClass, found);
  return found;
}

let childIndexCache: ReadonlyMap<string, readonly string[]> | undefined;

/** Classes by each parent that their own rows name. */
function childIndex(): ReadonlyMap<string, readonly string[]> {
  if (childIndexCache !== undefined) return childIndexCache;
  const found = new Map<string, string[]>();
  for (const name of classNames()) {
    for (const parent of classRow(name)?.in ?? []) {
      const list = found.get(parent);
      if (list === undefined) found.set(parent, [name]);
      else list.push(name);
    }
  }
  childIndexCache = found;
  return found;
}

const startCache = new Map<string, string>();

/** What every RN of the class begins with, without a bracket: `subnet-[{ip}]` → `subnet-`. */
function fixedStart(className: string): string {
  const known = startCache.get(className);
  if (known !== undefined) return known;
  const start = classRow(className)?.rn.replace(/\[?\{.*/, '') ?? '';
  startCache.set(className, start);
  return start;
}

const patternCache = new Map<string, RegExp>();

/** `subnet-[{ip}]` → /^subnet-(\[.*\]|.*)$/: a naming value may come with or without its brackets. */
function rnPattern(className: string, row: AciClassRow): RegExp {
  const known = patternCache.get(className);
  if (known !== undefined) return known;
  const source = row.rn
    .split(/(\[?\{\w+\}\]?)/)
    .map((part) => {
      if (!part.includes('{')) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      return part.startsWith('[') ? '(\\[.*\\]|.+?)' : '(\\[.*\\]|[^[\\]]+?)';
    })
    .join('');
  const pattern = new RegExp(`^${source}$`);
  patternCache.set(className, pattern);
  return pattern;
}

const unbracket = (value: string): string =>
  value.startsWith('[') && value.endsWith(']') ? value.slice(1, -1) : value;

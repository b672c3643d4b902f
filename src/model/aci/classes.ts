import type { AciClassRow, PropertySpec } from './class-row.js';
import { BASE_PROPERTIES, CLASS_ROWS } from './classes.gen.js';

/** The row of a class, or undefined when the model does not know the class. */
export const classRow = (className: string): AciClassRow | undefined =>
  Object.hasOwn(CLASS_ROWS, className) ? CLASS_ROWS[className] : undefined;

/** Names of all classes of the model, sorted. */
export const classNames = (): readonly string[] => Object.keys(CLASS_ROWS);

/** What is known of a property: the class's own, else the one that every object (or every relation) has. */
export function propertySpec(className: string, property: string): PropertySpec | undefined {
  const row = classRow(className);
  if (row === undefined) return undefined;
  if (Object.hasOwn(row.properties, property)) return row.properties[property];
  const base = BASE_PROPERTIES[baseOf(row)] ?? {};
  return Object.hasOwn(base, property) ? base[property] : undefined;
}

/** All properties of a class with their specs, the base's first. */
export function propertiesOf(className: string): Readonly<Record<string, PropertySpec>> {
  const row = classRow(className);
  return row === undefined ? {} : { ...BASE_PROPERTIES[baseOf(row)], ...row.properties };
}

/** Whether an object of the child class may stand directly under one of the parent class. */
export function mayContain(parentClass: string, childClass: string): boolean {
  const child = classRow(childClass);
  if (child === undefined) return false;
  if (child.in.includes(parentClass)) return true;
  return child.in.includes('*') && (classRow(parentClass)?.universal?.includes(childClass) ?? false);
}

/** Whether an object of the class is one of `ancestor` too: the class itself or one of its superclasses. */
export const isKindOf = (className: string, ancestor: string): boolean =>
  className === ancestor || (classRow(className)?.supers?.includes(ancestor) ?? false);

/** Classes that the name stands for: itself, or for an abstract class its concrete subclasses in the model. */
export function concreteClasses(className: string): readonly string[] {
  if (classRow(className) !== undefined) return [className];
  return subclasses().get(className) ?? [];
}

let subclassCache: ReadonlyMap<string, readonly string[]> | undefined;

/** Concrete classes of every superclass that a row names. */
function subclasses(): ReadonlyMap<string, readonly string[]> {
  if (subclassCache !== undefined) return subclassCache;
  const found = new Map<string, string[]>();
  for (const name of classNames()) {
    for (const ancestor of classRow(name)?.supers ?? []) {
      const list = found.get(ancestor);
      if (list === undefined) found.set(ancestor, [name]);
      else list.push(name);
    }
  }
  subclassCache = found;
  return found;
}

const RELATION_BASES: Readonly<Record<string, string>> = {
  named: 'relNamed',
  explicit: 'relExplicit',
  reverse: 'relReverse',
};

function baseOf(row: AciClassRow): string {
  return row.relation === undefined ? 'mo' : (RELATION_BASES[row.relation.type] ?? 'relExplicit');
}

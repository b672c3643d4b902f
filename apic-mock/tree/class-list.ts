import type { StoredObject } from './stored-object.js';

/**
 * The objects of one class in the order of their creation, and columns of their values. A filter that reads a column
 * walks one array instead of three objects spread through memory for each value, which is what a query over 100,000
 * objects costs most. Columns are made when a query asks for them and dropped when a value changes.
 */
export class ClassList {
  readonly objects: StoredObject[];
  readonly #columns = new Map<string, (string | undefined)[]>();

  constructor(objects: Iterable<StoredObject>) {
    this.objects = [...objects];
  }

  /** The values of a property, `dn` included, at the places of {@link objects}; undefined for an object without it. */
  column(property: string): readonly (string | undefined)[] {
    const known = this.#columns.get(property);
    if (known !== undefined) return known;
    const column = this.objects.map((object) => valueOf(object, property));
    this.#columns.set(property, column);
    return column;
  }

  /** Takes in the latest object of the class. */
  push(object: StoredObject): void {
    this.objects.push(object);
    for (const [property, column] of this.#columns) column.push(valueOf(object, property));
  }

  /** Takes out the object if it is the latest; tells whether it was. */
  popIfLast(object: StoredObject): boolean {
    if (this.objects.at(-1) !== object) return false;
    this.objects.pop();
    for (const column of this.#columns.values()) column.pop();
    return true;
  }

  /** Values have changed. */
  dropColumns(): void {
    this.#columns.clear();
  }
}

const valueOf = (object: StoredObject, property: string): string | undefined =>
  property === 'dn' ? object.dn : object.attributes[property];

import type { Measure, MeasureName, Measures } from '#ports';

/** Figures in memory. */
export const measuresInMemory = (): Measures => new MemoryMeasures();

class MemoryMeasures implements Measures {
  readonly #figures = new Map<string, Measure>();

  add(name: MeasureName, labels: Readonly<Record<string, string>> = {}, by = 1): void {
    const key = keyOf(name, labels);
    const value = (this.#figures.get(key)?.value ?? 0) + by;
    this.#figures.set(key, { name, labels, value });
  }

  replace(name: MeasureName, values: readonly Omit<Measure, 'name'>[]): void {
    for (const [key, figure] of this.#figures) if (figure.name === name) this.#figures.delete(key);
    for (const { labels, value } of values) this.#figures.set(keyOf(name, labels), { name, labels, value });
  }

  read(): readonly Measure[] {
    return [...this.#figures.values()];
  }
}

const keyOf = (name: string, labels: Readonly<Record<string, string>>): string =>
  JSON.stringify([name, ...Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);

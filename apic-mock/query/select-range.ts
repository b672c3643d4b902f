/** Order of two places; never 0 for two different ones. */
export type PlaceOrder = (a: number, b: number) => number;

/** A stretch of the list that is being put in order, without `high` itself. */
interface Stretch {
  readonly low: number;
  readonly high: number;
}

/** Shorter stretches are sorted at once. */
const SMALL = 128;

/** How many places are looked at to guess a good pivot. */
const SAMPLE = 31;

/**
 * Of the places 0 to `count`, those that stand at `from` up to `to` in the order, in that order. Quickselect (Hoare, 1961)
 * narrows the range from both ends, and only what is left is sorted: mean time is that of one and a half looks at each
 * place for a page at an end of the list, of three in the middle.
 */
export function selectRange(
  count: number,
  compare: PlaceOrder,
  [from, to]: readonly [number, number],
): readonly number[] {
  if (from >= to) return [];
  const places = Int32Array.from({ length: count }, (_, place) => place);
  if (to < count) split(places, compare, { low: 0, high: count }, to);
  if (from > 0) split(places, compare, { low: 0, high: to }, from);
  return [...places.subarray(from, to).sort(compare)];
}

/** Moves places until all before `at` come before all from `at` on. */
function split(places: Int32Array, compare: PlaceOrder, whole: Stretch, at: number): void {
  let { low, high } = whole;
  while (high - low > SMALL) {
    const pivot = partition(places, compare, { low, high }, at);
    if (at === pivot || at === pivot + 1) return;
    if (at < pivot) high = pivot;
    else low = pivot + 1;
  }
  places.subarray(low, high).sort(compare);
}

/** Puts a pivot near `at` where it belongs, what comes before it on its left, the rest on its right; gives its index. */
function partition(places: Int32Array, compare: PlaceOrder, { low, high }: Stretch, at: number): number {
  const last = high - 1;
  swap(places, pivotIndex(places, compare, { low, high }, at), last);
  const pivot = places[last] ?? 0;
  let index = low;
  for (let next = low; next < last; next += 1) {
    if (compare(places[next] ?? 0, pivot) < 0) {
      swap(places, index, next);
      index += 1;
    }
  }
  swap(places, index, last);
  return index;
}

/** Index of the place of a random sample that stands in it where `at` stands in the stretch. */
function pivotIndex(places: Int32Array, compare: PlaceOrder, { low, high }: Stretch, at: number): number {
  const length = high - low;
  const sample = Array.from({ length: SAMPLE }, () => low + Math.floor(Math.random() * length));
  sample.sort((a, b) => compare(places[a] ?? 0, places[b] ?? 0));
  const rank = Math.round(((at - low) / length) * (SAMPLE - 1));
  return sample[rank] ?? low;
}

function swap(places: Int32Array, a: number, b: number): void {
  const kept = places[a] ?? 0;
  places[a] = places[b] ?? 0;
  places[b] = kept;
}

/** Whether two values of plain data, such as views and findings, say the same: lists in order, objects by their members. */
export function sameData(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [first, second] = [a as Members, b as Members];
  const names = Object.keys(first);
  return (
    names.length === Object.keys(second).length &&
    names.every((name) => Object.hasOwn(second, name) && sameData(first[name], second[name]))
  );
}

type Members = Readonly<Record<string, unknown>>;

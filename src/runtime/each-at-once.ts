/**
 * Does some work for each item, for so many at the same time, beginning in their order. After one that gave false or failed none is
 * begun any more. Resolves when all that was begun has ended, to whether all was done. Rejects, then, with the first error.
 */
export async function eachAtOnce<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<boolean>,
): Promise<boolean> {
  let next = 0;
  let goesOn = true;
  const errors: unknown[] = [];
  const lane = async (): Promise<void> => {
    while (goesOn && next < items.length) {
      const item = items[next] as Item;
      next += 1;
      try {
        if (!(await work(item))) goesOn = false;
      } catch (error) {
        errors.push(error);
        goesOn = false;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  if (errors.length > 0) throw errors[0];
  return goesOn;
}

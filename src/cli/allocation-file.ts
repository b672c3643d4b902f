import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { InvalidInputError, messageOf } from '#errors';
import { type Allocation, EMPTY_ALLOCATION } from '#model/policy';

/** Version of the file's form. */
export const ALLOCATION_SCHEMA = 'acigw.allocation/v1';

const name = z.string().min(1);
const vlan = z.number().int().min(1).max(4094);
const vni = z.number().int().min(1).max(16_777_215);
const since = z.number();
const group = z.strictObject({ name, vlan: vlan.optional(), vni: vni.optional(), signature: z.string() });
const restingVlans = z.record(name, z.strictObject({ vlan, since }));

const SCHEMA = z.strictObject({
  schema: z.literal(ALLOCATION_SCHEMA),
  preSplit: z.boolean().optional(),
  groups: z.array(group),
  resting: z.array(group.extend({ since })).default([]),
  membership: z.record(name, name),
  spaces: z.record(name, z.strictObject({ bound: z.record(name, vlan), resting: restingVlans })),
});

/** The allocation as text; equal allocations have equal texts. */
export function formatAllocation({ groups, resting: gone, membership, preSplit, spaces }: Allocation): string {
  const content: z.input<typeof SCHEMA> = {
    schema: ALLOCATION_SCHEMA,
    ...(preSplit === undefined ? {} : { preSplit }),
    groups: sorted(groups).map(([, one]) => one),
    resting: [...gone.values()],
    membership: Object.fromEntries(sorted(membership)),
    // The order in which numbers came to rest is the order in which they are given again.
    spaces: Object.fromEntries(
      sorted(spaces).map(([space, { bound, resting }]) => [
        space,
        { bound: Object.fromEntries(sorted(bound)), resting: Object.fromEntries(resting) },
      ]),
    ),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** Reads the text of an allocation. Throws {@link InvalidInputError} with the place, the field and what was expected. */
export function parseAllocation(text: string, place: string): Allocation {
  const result = SCHEMA.safeParse(parseJson(text, place));
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new InvalidInputError(
      `${place}: field ${issue?.path.join('.') || '(root)'}: ${issue?.message}; remove the file to begin anew`,
    );
  }
  const { groups, resting: gone, membership, preSplit, spaces } = result.data;
  return {
    ...EMPTY_ALLOCATION,
    preSplit,
    groups: new Map(groups.map((one) => [one.name, withVlan(one)])),
    resting: new Map(gone.map((one) => [one.name, withVlan(one)])),
    membership: new Map(Object.entries(membership)),
    spaces: new Map(
      Object.entries(spaces).map(([space, { bound, resting }]) => [
        space,
        { bound: new Map(Object.entries(bound)), resting: new Map(Object.entries(resting)) },
      ]),
    ),
  };
}

/** Without a VLAN the key is there all the same: undefined. */
const withVlan = <One extends { vlan?: number | undefined; vni?: number | undefined }>({
  vlan: at,
  vni: over,
  ...one
}: One) => ({
  ...one,
  vlan: at,
  ...(over === undefined ? {} : { vni: over }),
});

/** What an earlier run left in the file; nothing where there is none. Throws {@link InvalidInputError} where it cannot be read. */
export function readAllocation(file: string): Allocation {
  return existsSync(file) ? parseAllocation(readText(file), file) : EMPTY_ALLOCATION;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new InvalidInputError(`--allocation: cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
}

/** Writes the file for the next run: whole, or not at all. Throws {@link InvalidInputError} where it cannot be written. */
export function writeAllocation(file: string, allocation: Allocation): void {
  const fresh = `${file}.${process.pid}.new`;
  try {
    writeFileSync(fresh, formatAllocation(allocation));
    renameSync(fresh, file);
  } catch (cause) {
    throw new InvalidInputError(`--allocation: cannot write ${file}: ${messageOf(cause)}`, { cause });
  }
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidInputError(`${place}: not JSON: ${messageOf(cause)}; remove the file to begin anew`, { cause });
  }
}

const sorted = <Value>(map: ReadonlyMap<string, Value>): readonly (readonly [string, Value])[] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1));

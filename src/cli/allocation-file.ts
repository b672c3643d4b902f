import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { InvalidInputError, messageOf } from '#errors';
import { type Allocation, EMPTY_ALLOCATION } from '#model/policy';

/** Version of the file's form. */
export const ALLOCATION_SCHEMA = 'acigw.allocation/v1';

const name = z.string().min(1);
const vlan = z.number().int().min(1).max(4094);
const vlans = z.record(name, vlan);

const SCHEMA = z.strictObject({
  schema: z.literal(ALLOCATION_SCHEMA),
  preSplit: z.boolean().optional(),
  groups: z.array(z.strictObject({ name, vlan: vlan.optional(), signature: z.string() })),
  membership: z.record(name, name),
  spaces: z.record(name, z.strictObject({ bound: vlans, resting: vlans })),
});

/** The allocation as text; equal allocations have equal texts. */
export function formatAllocation({ groups, membership, preSplit, spaces }: Allocation): string {
  const content: z.input<typeof SCHEMA> = {
    schema: ALLOCATION_SCHEMA,
    ...(preSplit === undefined ? {} : { preSplit }),
    groups: sorted(groups).map(([, group]) => group),
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
  const { groups, membership, preSplit, spaces } = result.data;
  return {
    preSplit,
    groups: new Map(groups.map((group) => [group.name, { ...group, vlan: group.vlan }])),
    membership: new Map(Object.entries(membership)),
    spaces: new Map(
      Object.entries(spaces).map(([space, { bound, resting }]) => [
        space,
        { bound: new Map(Object.entries(bound)), resting: new Map(Object.entries(resting)) },
      ]),
    ),
  };
}

/** What an earlier run left in the file; nothing where there is none. */
export function readAllocation(file: string): Allocation {
  return existsSync(file) ? parseAllocation(readFileSync(file, 'utf8'), file) : EMPTY_ALLOCATION;
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

import { z } from 'zod';
import { GatewayError, messageOf } from '#errors';
import type { ManagedObject } from '#model/aci';

/** Work that any process can do, given the APIC and the policy store. */
export type DelegatedContent =
  /** A tree to POST to the object at the Dn. */
  | { readonly kind: 'batch'; readonly dn: string; readonly tree: ManagedObject }
  /** What the policy store is to hold for a node, as text; without one the node's policy is to go. */
  | { readonly kind: 'node'; readonly node: string; readonly policy?: string | undefined };

/** Version of the form in which contents travel. */
const SCHEMA = 1;

const tree: z.ZodType<ManagedObject> = z.lazy(() =>
  z.object({ className: z.string(), attributes: z.record(z.string(), z.string()), children: z.array(tree) }),
);

const content = z.discriminatedUnion('kind', [
  z.object({ schema: z.literal(SCHEMA), kind: z.literal('batch'), dn: z.string(), tree }),
  z.object({ schema: z.literal(SCHEMA), kind: z.literal('node'), node: z.string(), policy: z.string().optional() }),
]);

/** A content that this worker cannot read. The caller is of another version; it goes on with other workers, or later. */
export class UnreadableWorkError extends GatewayError {
  constructor(key: string, reason: string, options: ErrorOptions = {}) {
    super('WORK_UNREADABLE', `work ${key}: ${reason}; run gateway and workers of one version`, {
      disposition: 'wait',
      ...options,
    });
  }
}

/** The content as text. */
export const encodeWork = (work: DelegatedContent): string => JSON.stringify({ schema: SCHEMA, ...work });

/** Reads a content. Throws {@link UnreadableWorkError} with the key, the field and what was expected. */
export function decodeWork(text: string, key: string): DelegatedContent {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new UnreadableWorkError(key, `not JSON: ${messageOf(cause)}`, { cause });
  }
  const result = content.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new UnreadableWorkError(key, `field ${issue?.path.join('.') || '(root)'}: ${issue?.message}`);
}

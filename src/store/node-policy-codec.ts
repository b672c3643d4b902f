import { z } from 'zod';
import { InvalidInputError, messageOf } from '#errors';
import { FIRST_PORT, LAST_PORT, parseAddress, parsePrefix } from '#model/net';
import type { NodePolicy } from '#model/node';

/** A text that the parser takes; its own words say what is wrong with another. */
const parsedBy = (parse: (text: string) => unknown) =>
  z.string().superRefine((text, context) => {
    try {
      parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) });
    }
  });

const address = parsedBy(parseAddress);
const port = z.number().int().min(FIRST_PORT).max(LAST_PORT);
const ports = z.array(z.tuple([port, port]));
const mac = z.string().regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i, 'expected a MAC, e.g. 00:22:bd:f8:19:ff');
const name = z.string().min(1);

/** The schema of what is in the store; members that it does not know are ignored, so that a newer writer may add some. */
const SCHEMA = z.object({
  schema: z.literal(1),
  node: name,
  revision: z.string(),
  gateway: z.object({ addresses: z.array(address), mac }),
  nodeAddresses: z.array(address),
  groups: z.array(
    z.object({
      name,
      kind: z.enum(['pods', 'external', 'foreign']),
      vlan: z.number().int().min(1).max(4094).exactOptional(),
    }),
  ),
  addresses: z.array(z.object({ prefix: parsedBy(parsePrefix), group: name })),
  endpoints: z.array(z.object({ pod: name, ips: z.array(address), group: name })),
  permits: z.array(
    z.object({
      source: name,
      destination: name,
      families: z.array(z.union([z.literal(4), z.literal(6)])),
      connections: z.union([z.literal('everything'), z.object({ tcp: ports, udp: ports, sctp: ports })]),
    }),
  ),
});

/** The policy as the text that is stored. */
export const encodeNodePolicy = (policy: NodePolicy): string => JSON.stringify(policy);

/** Reads a stored policy. Throws InvalidInputError naming the place (`where`), the field and what was expected. */
export function decodeNodePolicy(text: string, where: string): NodePolicy {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new InvalidInputError(`${where}: not JSON: ${messageOf(cause)}`, { cause });
  }
  const result = SCHEMA.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new InvalidInputError(`${where}: field ${issue?.path.join('.') || '(root)'}: ${issue?.message}`);
}

import { z } from 'zod';
import { InvalidInputError, messageOf } from '#errors';
import { FIRST_PORT, LAST_PORT, parseAddress, parsePrefix } from '#model/net';
import { NODE_POLICY_SCHEMA, type NodePolicy } from '#model/node';

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
const connections = z.union([
  z.enum(['everything', 'nothing']),
  z.object({ tcp: ports, udp: ports, sctp: ports, other: z.literal(true).exactOptional() }),
]);
const byFamily = z.object({ ipv4: connections, ipv6: connections });
const vlan = z.number().int().min(1).max(4094);
const openness = z.union([z.enum(['everything', 'nothing']), z.object({ pods: byFamily, outside: byFamily })]);
const group = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('pods'),
    name,
    egress: openness,
    ingress: openness,
  }),
  z.object({ kind: z.enum(['external', 'foreign']), name }),
]);

/** The schema of what is in the store; members that it does not know are ignored, so that a newer writer may add some. */
const SCHEMA = z.object({
  schema: z.literal(NODE_POLICY_SCHEMA),
  node: name,
  revision: z.string(),
  gateway: z.object({ addresses: z.array(address), mac }),
  nodeAddresses: z.array(address),
  groups: z.array(group),
  addresses: z.array(z.object({ prefix: parsedBy(parsePrefix), group: name })),
  endpoints: z.array(z.object({ pod: name, ips: z.array(address), group: name, vlan: vlan.exactOptional() })),
  permits: z.array(
    z.object({
      source: name,
      destination: name,
      families: z.array(z.union([z.literal(4), z.literal(6)])),
      connections,
    }),
  ),
});

/** Texts of what many slices share: whole lists, and the items of lists of which each node has some. */
const knownTexts = new WeakMap<object, string>();

function knownText(part: object): string {
  const known = knownTexts.get(part);
  if (known !== undefined) return known;
  const text = JSON.stringify(part);
  knownTexts.set(part, text);
  return text;
}

/**
 * The policy as the text that is stored: JSON. Lists of groups and addresses, and single permits, are taken to be what they
 * were when they were encoded first; nobody changes a policy.
 */
export function encodeNodePolicy({ groups, addresses, permits, ...own }: NodePolicy): string {
  const head = JSON.stringify(own).slice(0, -1);
  const texts = permits.map(knownText).join(',');
  return `${head},"groups":${knownText(groups)},"addresses":${knownText(addresses)},"permits":[${texts}]}`;
}

/**
 * Reads a stored policy. Throws InvalidInputError naming the place (`where`), the field and what was expected; of another
 * version of the schema it says so before anything else, because then no field needs to be as expected.
 */
export function decodeNodePolicy(text: string, where: string): NodePolicy {
  const json = parseJson(text, where);
  const version = z.object({ schema: z.number() }).safeParse(json).data?.schema;
  if (version !== undefined && version !== NODE_POLICY_SCHEMA) throw otherVersion(version, where);
  const result = SCHEMA.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new InvalidInputError(`${where}: field ${issue?.path.join('.') || '(root)'}: ${issue?.message}`);
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidInputError(`${where}: not JSON: ${messageOf(cause)}`, { cause });
  }
}

/** An older gateway's policy is written anew by the new gateway; a newer one's needs a newer agent. */
function otherVersion(version: number, where: string): InvalidInputError {
  const remedy =
    version < NODE_POLICY_SCHEMA
      ? 'an older gateway wrote it; update the gateway, which writes it anew'
      : 'a newer gateway wrote it; update the agent';
  return new InvalidInputError(`${where}: field schema: ${version}, expected ${NODE_POLICY_SCHEMA}: ${remedy}`);
}

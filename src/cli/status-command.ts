import { GatewayError } from '#errors';
import type { FabricSync, GatewayStatus, ObjectSync } from '#ports';
import { EXIT } from './exit-codes.js';
import { errorIn, type GatewayAnswer, type GatewayArguments, GatewayClient, reasonIn } from './gateway-client.js';
import { kindAsWritten } from './known-kinds.js';
import { renderTable } from './table.js';

/** Arguments of `acigw status`. */
export interface StatusArguments extends GatewayArguments {
  readonly output: 'text' | 'json';
}

/** Version of the output's form; a field may be added under it, never changed or removed. */
export const STATUS_SCHEMA = 'acigw.status/v1';

/**
 * Shows how far a running gateway is, or one Kubernetes object. Exit code 0 when all of it is as wanted, 3 when not yet, 1 when
 * nobody knows the object. Rejects with GatewayError when no gateway answers.
 */
export async function statusCommand(object: string | undefined, given: StatusArguments): Promise<number> {
  const client = new GatewayClient(given);
  return object === undefined ? whole(client, given.output) : one(client, object, given.output);
}

async function whole(client: GatewayClient, output: StatusArguments['output']): Promise<number> {
  const status = contentOf(await client.get('/api/v1/status')) as GatewayStatus;
  const open = contentOf(await client.get('/api/v1/sync')) as readonly FabricSync[];
  const document = { schema: STATUS_SCHEMA, status, open };
  process.stdout.write(output === 'json' ? `${JSON.stringify(document, null, 2)}\n` : wholeText(status, open));
  return status.converged && open.length === 0 ? EXIT.ok : EXIT.notConverged;
}

async function one(client: GatewayClient, object: string, output: StatusArguments['output']): Promise<number> {
  const answer = await client.get(`/api/v1/sync?object=${encodeURIComponent(withKindAsWritten(object))}`);
  const reason = reasonIn(answer);
  if (answer.status === 404 && reason !== undefined) {
    process.stderr.write(`acigw: ${reason}; expected KIND/NAMESPACE/NAME, such as NetworkPolicy/shop/web\n`);
    return EXIT.failed;
  }
  const sync = contentOf(answer) as ObjectSync;
  const document = { schema: STATUS_SCHEMA, ...sync };
  process.stdout.write(output === 'json' ? `${JSON.stringify(document, null, 2)}\n` : objectText(sync));
  const isRefused = sync.findings.some(({ severity }) => severity === 'error');
  return sync.phase === 'equal' && sync.node?.published !== false && !isRefused ? EXIT.ok : EXIT.notConverged;
}

/** `networkpolicy/shop/web` → `NetworkPolicy/shop/web`: kubectl takes kinds in any case. */
function withKindAsWritten(object: string): string {
  const [kind = '', ...rest] = object.split('/');
  return [kindAsWritten(kind), ...rest].join('/');
}

/** The content of an answer, as the gateway of this version gives it. */
function contentOf(answer: GatewayAnswer): unknown {
  if (answer.status === 200) return answer.body;
  throw new GatewayError('GATEWAY_REFUSED', errorIn(answer), { disposition: 'retry' });
}

function wholeText(status: GatewayStatus, open: readonly FabricSync[]): string {
  const { converged, waitingFor, groups, contracts, findings, mirror, revision } = status;
  const lines = [
    converged ? `converged at revision ${revision}` : `not converged: ${waitingFor.join('; ')}`,
    `${groups} groups, ${contracts} contracts, ${findings} findings; ${mirror.objects} objects of the fabric in memory`,
  ];
  if (open.length > 0) lines.push('', fabricTable(open));
  return `${lines.join('\n')}\n`;
}

function objectText({ object, phase, group, node, fabric, findings }: ObjectSync): string {
  const lines = [`${object}: ${phase}`];
  if (group !== undefined) lines.push(`group ${group.name}, ${group.epg}`);
  if (node !== undefined) lines.push(`node ${node.name} ${node.published ? 'has' : 'does not have'} the newest policy`);
  lines.push('', fabric.length === 0 ? 'nothing in the fabric is for it' : fabricTable(fabric));
  for (const { severity, code, message } of findings) lines.push('', `${severity} ${code}: ${message}`);
  return `${lines.join('\n')}\n`;
}

const fabricTable = (rows: readonly FabricSync[]): string =>
  renderTable(
    ['PHASE', 'OBJECT', 'FOR', 'WHY'],
    rows.map(({ phase, dn, sources, why }) => [phase, dn, sources.join(', ') || '-', why.join('; ') || '-']),
  );

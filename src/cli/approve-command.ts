import { GatewayError, InvalidInputError } from '#errors';
import type { WaitingDeletions } from '#ports';
import { EXIT } from './exit-codes.js';
import { errorIn, type GatewayArguments, GatewayClient } from './gateway-client.js';
import { renderTable } from './table.js';

/** Arguments of `acigw approve`. */
export interface ApproveArguments extends GatewayArguments {
  readonly list: boolean;
  readonly output: 'text' | 'json';
}

const PATH = '/api/v1/approvals';

/**
 * Releases the deletions of a hash in a running gateway, or lists what waits. Exit code 0 when that was done, 1 when the gateway
 * refuses or nothing waits under the hash. Throws InvalidInputError without a hash, or with one beside --list, and GatewayError when nobody answers.
 */
export async function approveCommand(hash: string | undefined, given: ApproveArguments): Promise<number> {
  if (given.list && hash !== undefined) {
    throw new InvalidInputError('approve: --list approves nothing; give the hash or --list');
  }
  const client = new GatewayClient(given);
  if (given.list) return list(client, given.output);
  if (hash === undefined)
    throw new InvalidInputError('approve: name the hash of the deletions; --list shows what waits');
  const answer = await client.post(PATH, { hash });
  if (answer.status !== 200) {
    process.stderr.write(`acigw: ${errorIn(answer)}\n`);
    return EXIT.failed;
  }
  const done = given.output === 'json' ? JSON.stringify({ approved: hash }) : `approved ${hash}`;
  process.stdout.write(`${done}\n`);
  return EXIT.ok;
}

async function list(client: GatewayClient, output: 'text' | 'json'): Promise<number> {
  const answer = await client.get(PATH);
  if (answer.status !== 200 || !isWaiting(answer.body)) {
    throw new GatewayError('GATEWAY_REFUSED', errorIn(answer), { disposition: 'retry' });
  }
  process.stdout.write(output === 'json' ? `${JSON.stringify(answer.body, null, 2)}\n` : `${tableOf(answer.body)}\n`);
  return EXIT.ok;
}

const isWaiting = (body: unknown): body is readonly WaitingDeletions[] =>
  Array.isArray(body) && body.every((one: unknown) => typeof one === 'object' && one !== null && 'hash' in one);

function tableOf(waiting: readonly WaitingDeletions[]): string {
  const rows = waiting.map(({ hash, objects, share, changes }) => [
    hash,
    `${objects}`,
    `${Math.round(share * 100)} %`,
    changes[0]?.dn ?? '',
  ]);
  return renderTable(['HASH', 'OBJECTS', 'SHARE', 'FIRST'], rows);
}

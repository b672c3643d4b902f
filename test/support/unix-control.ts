import { connect } from 'node:net';

/**
 * Sends one command to an Open vSwitch daemon's control socket and gives its text, as `ovs-appctl` does (JSON-RPC 1.0,
 * ovs-appctl(8)). Rejects with the daemon's words when it refuses.
 */
export function unixControl(socket: string, method: string, params: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const connection = connect(socket);
    let text = '';
    connection.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      const reply = parseWhole(text);
      if (reply === undefined) return;
      connection.destroy();
      if (reply.error === null) resolve(reply.result ?? '');
      else reject(new Error(`${method} ${params.join(' ')}: ${reply.error}`));
    });
    connection.once('error', reject);
    connection.once('connect', () => connection.write(JSON.stringify({ id: 0, method, params })));
  });
}

function parseWhole(text: string): { readonly result: string | null; readonly error: string | null } | undefined {
  try {
    return JSON.parse(text) as { result: string | null; error: string | null };
  } catch {
    return undefined;
  }
}

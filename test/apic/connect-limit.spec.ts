import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Agent, createServer, get, type RequestOptions } from 'node:http';
import { get as getSecure } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connectLimitMs } from '../../src/apic/connect-limit.js';
import { PlainAgent } from '../../src/apic/plain-agent.js';
import { httpsAgent } from '../../src/apic/tls.js';

/** A host of which the name service never says anything. */
const NOWHERE: RequestOptions = { host: 'apic.example', lookup: () => undefined };
const LIMIT_MS = 100;

describe('apic: time limit of a connection', () => {
  const agents: Agent[] = [];
  const plain = (): Agent => {
    const agent = new PlainAgent({ keepAlive: true }, LIMIT_MS);
    agents.push(agent);
    return agent;
  };
  afterEach(() => {
    for (const agent of agents.splice(0)) agent.destroy();
  });

  it('ends one that does not come about, without TLS and with it', async () => {
    const secure = httpsAgent({}, { connectMs: LIMIT_MS });
    agents.push(secure);
    const late = { code: 'ETIMEDOUT', message: `no connection within ${LIMIT_MS} ms` };
    await assert.rejects(once(get({ ...NOWHERE, agent: plain() }), 'response'), late);
    await assert.rejects(once(getSecure({ ...NOWHERE, agent: secure }), 'response'), late);
  });

  it('leaves one alone that stands, however long the answer takes and however long it is idle', async () => {
    const server = createServer((_, response) => void delay(3 * LIMIT_MS).then(() => response.end('late')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const agent = plain();
    let connections = 0;
    server.on('connection', () => {
      connections += 1;
    });
    try {
      for (let round = 0; round < 2; round += 1) {
        const [response] = await once(get({ host: '127.0.0.1', port, agent }), 'response');
        response.resume();
        await once(response, 'end');
        await delay(2 * LIMIT_MS);
      }
      assert.equal(connections, 1);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('is half of what a request may take, and ten seconds at most', () => {
    assert.equal(connectLimitMs(4000), 2000);
    assert.equal(connectLimitMs(30_000), 10_000);
  });
});

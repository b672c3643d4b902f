import assert from 'node:assert/strict';
import axios from 'axios';
import { type ApiServer, startApi } from '#api';
import type { GatewayState, PlanState, SyncState, WaitingDeletions } from '#ports';
import { silentLogger } from '#runtime';

const WAITING: WaitingDeletions = { hash: 'abc', objects: 3000, owned: 4000, share: 0.75, changes: [] };

const STATE: GatewayState = {
  readiness: () => ({ converged: true, waitingFor: [] }),
  status: () => assert.fail('nobody asks'),
  groups: () => [],
  contracts: () => [],
  findings: () => [],
};

const NO_SYNC: SyncState = {
  open: () => [],
  object: () => undefined,
  dn: () => undefined,
  watch: () => () => undefined,
};

describe('API: approvals', () => {
  let server: ApiServer;
  let approved: string[];

  const start = async (token?: string): Promise<void> => {
    const plans: PlanState = {
      plan: () => undefined,
      waiting: () => WAITING,
      approve: (hash) => hash === WAITING.hash && approved.push(hash) > 0,
    };
    server = await startApi({
      host: '127.0.0.1',
      port: 0,
      state: STATE,
      sync: NO_SYNC,
      plans,
      log: silentLogger,
      measures: () => [],
      token,
    });
  };
  const post = async (body: unknown, headers: Record<string, string> = {}): Promise<readonly [number, unknown]> => {
    const options = {
      headers: { 'content-type': 'application/json', ...headers },
      proxy: false as const,
      validateStatus: () => true,
    };
    const { status, data } = await axios.post<unknown>(`${server.url}/api/v1/approvals`, body, options);
    return [status, data];
  };

  beforeEach(() => {
    approved = [];
  });
  afterEach(async () => server.stop());

  it('lists what waits, and takes the hash of it from this machine', async () => {
    await start();
    const { data } = await axios.get<unknown>(`${server.url}/api/v1/approvals`, { proxy: false });
    assert.deepEqual(data, [WAITING]);
    assert.deepEqual(await post({ hash: 'abc' }), [200, { approved: 'abc' }]);
    assert.deepEqual(approved, ['abc']);
  });

  it('knows no other hash, and takes nothing else', async () => {
    await start();
    assert.equal((await post({ hash: 'abd' }))[0], 404);
    assert.equal((await post({ hash: 7 }))[0], 400);
    assert.equal((await post([]))[0], 400);
    assert.equal((await post('hash=abc', { 'content-type': 'application/x-www-form-urlencoded' }))[0], 415);
    assert.deepEqual(approved, []);
  });

  it('refuses what a proxy hands on, and what a web page asks under another name', async () => {
    await start();
    for (const headers of [
      { 'x-forwarded-for': '203.0.113.7' },
      { forwarded: 'for=203.0.113.7' },
      { host: 'evil.example' },
      { host: 'evil.example:8080' },
      { host: '127.evil.example' },
    ]) {
      const [status, body] = await post({ hash: 'abc' }, headers);
      assert.equal(status, 403, JSON.stringify(headers));
      assert.match(JSON.stringify(body), /api\.tokenFile/);
    }
    assert.equal((await post({ hash: 'abc' }, { host: 'localhost:8080' }))[0], 200);
  });

  it('asks everybody for the token where there is one', async () => {
    await start('a-secret');
    assert.equal((await post({ hash: 'abc' }))[0], 403);
    assert.equal((await post({ hash: 'abc' }, { authorization: 'Bearer another' }))[0], 403);
    assert.equal((await post({ hash: 'abc' }, { authorization: 'Basic a-secret' }))[0], 403);
    const [status] = await post({ hash: 'abc' }, { authorization: 'Bearer a-secret', host: 'gateway.example' });
    assert.equal(status, 200);
    assert.deepEqual(approved, ['abc']);
  });

  it('says 503 while there is no plan', async () => {
    await start();
    const { status } = await axios.get(`${server.url}/api/v1/plan`, { proxy: false, validateStatus: () => true });
    assert.equal(status, 503);
  });
});

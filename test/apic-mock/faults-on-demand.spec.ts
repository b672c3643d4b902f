import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { create } from 'axios';
import type { ApicMock } from '#apic-mock';
import {
  ADMIN,
  type EventSocket,
  errorOf,
  type LoggedIn,
  loggedIn,
  loginBody,
  openSocket,
  type Reply,
  startPlain,
  until,
} from './apic-client.js';

const tenant = (name: string, status = ''): unknown => ({ fvTenant: { attributes: { name, status } } });

describe('apic-mock: faults on demand', () => {
  let mock: ApicMock;
  let client: LoggedIn;

  beforeEach(async () => {
    mock = await startPlain({ controllers: 2 });
    client = await loggedIn(mock);
  });
  afterEach(() => mock.stop());

  async function subscribed(): Promise<EventSocket> {
    const socket = await openSocket(mock, client.token);
    await client.http.get('/api/class/fvTenant.json?subscription=yes');
    return socket;
  }

  const make = async (...names: readonly string[]): Promise<void> => {
    for (const name of names) await client.http.post('/api/mo/uni.json', tenant(name));
  };

  it('fails the requests that the plan names, with 503 and 429', async () => {
    mock.plan({
      failures: [
        { times: 1, status: 503, method: 'POST' },
        { times: 1, status: 429, urlContains: 'fvBD' },
      ],
    });
    assert.equal((await client.http.get('/api/class/fvTenant.json')).status, 200);
    assert.equal(errorOf(await client.http.post('/api/mo/uni.json', tenant('a'))).status, 503);
    assert.equal(errorOf(await client.http.get('/api/class/fvBD.json')).status, 429);
    assert.equal((await client.http.get('/api/class/fvBD.json')).status, 200);
  });

  it('drops, doubles and turns round events, then tells the truth again', async () => {
    const socket = await subscribed();
    mock.plan({ dropEvents: 1 });
    await make('a', 'b');
    await until(() => socket.frames.length === 1);
    mock.plan({ duplicateEvents: 1 });
    await make('c', 'd');
    await until(() => socket.frames.length === 4);
    mock.plan({ reorderEvents: 2 });
    await make('e', 'f', 'g');
    await until(() => socket.frames.length === 7);
    const names = socket.objects().map((object) => object.name);
    assert.deepEqual(names, ['b', 'c', 'c', 'd', 'f', 'e', 'g']);
  });

  it('lets kept events go when the faults end', async () => {
    const socket = await subscribed();
    mock.plan({ reorderEvents: 9 });
    await make('a', 'b');
    assert.equal(socket.frames.length, 0);
    mock.endFaults();
    await until(() => socket.frames.length === 2);
    assert.deepEqual(
      socket.objects().map((object) => object.name),
      ['b', 'a'],
    );
  });

  it('answers a slow write before others see it, and a wrong one at once', async () => {
    mock.plan({ commitDelayMilliseconds: 60 });
    assert.equal((await client.http.post('/api/mo/uni.json', tenant('slow'))).status, 200);
    assert.equal((await client.http.get<Reply>('/api/mo/uni/tn-slow.json')).data.totalCount, '0');
    assert.equal(errorOf(await client.http.post('/api/mo/uni.json', tenant('no', 'modified'))).code, '102');
    await until(() => mock.object('uni/tn-slow') !== undefined);
    assert.equal(mock.object('uni/tn-no'), undefined);
    await client.http.delete('/api/mo/uni/tn-slow.json');
    mock.reset();
    await delay(80);
    assert.equal(mock.counters().internalErrors, 0);
  });

  it('loses a controller: sockets are cut, another address serves the same objects and sessions', async () => {
    const socket = await subscribed();
    await make('kept');
    const [first = '', second = ''] = mock.urls;
    assert.equal(first, mock.url);
    await mock.failController(0);
    await until(() => socket.closed);
    await assert.rejects(client.http.get('/api/mo/uni.json'), /ECONNREFUSED/);
    const other = create({ baseURL: second, headers: { Connection: 'close', Cookie: `APIC-cookie=${client.token}` } });
    assert.equal((await other.get<Reply>('/api/mo/uni/tn-kept.json')).data.totalCount, '1');
    assert.equal((await other.post('/api/aaaLogin.json', loginBody(ADMIN.name))).status, 200);
    await mock.recoverController(0);
    assert.equal((await client.http.get('/api/mo/uni.json')).status, 200);
    await assert.rejects(mock.failController(2), RangeError);
  });
});

describe('apic-mock: the control plane over HTTP', () => {
  it('is not there unless asked for', async () => {
    const mock = await startPlain();
    try {
      const answer = await create({
        baseURL: mock.url,
        validateStatus: () => true,
        headers: { Connection: 'close' },
      }).post('/mock/reset');
      assert.equal(answer.status, 404);
      assert.match(String(answer.data), /Cisco APIC/);
    } finally {
      await mock.stop();
    }
  });

  describe('when asked for', () => {
    let mock: ApicMock;
    const ask = async (method: string, path: string, data?: unknown): Promise<{ status: number; data: unknown }> => {
      const http = create({ baseURL: mock.url, validateStatus: () => true, headers: { Connection: 'close' } });
      const { status, data: body } = await http.request<unknown>({ method, url: `/mock/${path}`, data });
      return { status, data: body };
    };

    beforeEach(async () => {
      mock = await startPlain({ control: true, controllers: 2 });
    });
    afterEach(() => mock.stop());

    it('loads, looks, takes and restores snapshots, and resets', async () => {
      assert.equal((await ask('POST', 'load', tenant('a'))).status, 200);
      assert.deepEqual(await ask('POST', 'snapshots'), { status: 200, data: { id: '1' } });
      await ask('POST', 'load', tenant('b'));
      const tree = await ask('GET', 'tree/uni/tn-b');
      assert.equal((tree.data as { tree: { className: string } }).tree.className, 'fvTenant');
      assert.equal((await ask('POST', 'snapshots/1/restore')).status, 200);
      assert.deepEqual((await ask('GET', 'tree/uni/tn-b')).data, { tree: null });
      assert.notEqual(mock.object('uni/tn-a'), undefined);
      await ask('POST', 'reset');
      assert.equal(mock.object('uni/tn-a'), undefined);
      const { objects } = (await ask('GET', 'classes/fvTenant')).data as { objects: readonly { dn: string }[] };
      assert.deepEqual(objects.map(({ dn }) => dn).sort(), ['uni/tn-common', 'uni/tn-infra', 'uni/tn-mgmt']);
    });

    it('puts the clock forward, and says the time', async () => {
      const before = mock.now();
      const { data } = await ask('POST', 'clock/advance', { milliseconds: 3_600_000 });
      assert.ok((data as { milliseconds: number }).milliseconds >= before + 3_600_000);
      assert.equal((await ask('GET', 'clock')).status, 200);
    });

    it('plans and ends faults, ends sessions, and shows requests and counters', async () => {
      const client = await loggedIn(mock);
      const plan = { failures: [{ times: 5, status: 503 }] };
      assert.equal((await ask('POST', 'faults', plan)).status, 200);
      assert.equal((await client.http.get('/api/mo/uni.json')).status, 503);
      await ask('DELETE', 'faults');
      assert.equal((await client.http.get('/api/mo/uni.json')).status, 200);
      await ask('POST', 'tokens/expire');
      assert.equal((await client.http.get('/api/mo/uni.json')).status, 403);
      assert.equal(((await ask('GET', 'counters')).data as { logins: number }).logins, 1);
      const { requests } = (await ask('GET', 'requests')).data as { requests: readonly { status: number }[] };
      assert.deepEqual(
        requests.map(({ status }) => status),
        [200, 503, 200, 403],
      );
    });

    it('lets the controller fail that is asked, after its answer', async () => {
      assert.deepEqual(await ask('POST', 'controllers/0/fail'), { status: 200, data: {} });
      await delay(60);
      await assert.rejects(ask('GET', 'clock'), /ECONNREFUSED/);
      await mock.recoverController(0);
      assert.equal((await ask('GET', 'clock')).status, 200);
    });

    const wrong: readonly (readonly [string, string, unknown, RegExp])[] = [
      ['POST', 'faults', { latency: 5 }, /unknown field 'latency'; expected latencyMilliseconds/],
      ['POST', 'faults', { dropEvents: -1 }, /dropEvents: expected a whole number/],
      ['POST', 'faults', { failures: [{ times: 1, status: 42 }] }, /status: expected 200 to 599/],
      ['POST', 'faults', 'x', /JSON/],
      ['POST', 'clock/advance', {}, /milliseconds: expected a number/],
      ['POST', 'clock/advance', { milliseconds: -5 }, /expected milliseconds from 0 on/],
      ['POST', 'snapshots/7/restore', undefined, /snapshot '7': there is none/],
      ['POST', 'controllers/7/fail', undefined, /controller 7: expected 0 to 1/],
      ['POST', 'load', '{', /cannot load: JSON parsing failed/],
    ];
    for (const [method, path, data, reason] of wrong) {
      it(`says what is wrong with ${method} ${path} ${JSON.stringify(data)}`, async () => {
        const answer = await ask(method, path, data);
        assert.equal(answer.status, 400);
        assert.match((answer.data as { error: string }).error, reason);
      });
    }

    it('lists what it knows where it does not know', async () => {
      const { status, data } = await ask('GET', 'nonsense');
      assert.equal(status, 404);
      assert.ok((data as { known: readonly string[] }).known.includes('POST /mock/reset'));
    });
  });
});

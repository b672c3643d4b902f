import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { AxiosResponse } from 'axios';
import { WebSocket } from 'ws';
import type { ApicMock } from '#apic-mock';
import { managedObject } from '#model/aci';
import {
  type EventSocket,
  errorOf,
  type LoggedIn,
  loggedIn,
  openSocket,
  type Reply,
  startPlain,
  until,
} from './apic-client.js';

const NO_SOCKET = 'Subscription request failed, unable to locate opened web socket. Please re-login to the application';

describe('apic-mock: subscriptions', () => {
  let mock: ApicMock;
  let clock: number;
  let client: LoggedIn;
  let events: EventSocket;

  beforeEach(async () => {
    clock = Date.parse('2026-01-01T00:00:00Z');
    mock = await startPlain({ now: () => clock });
    client = await loggedIn(mock);
    events = await openSocket(mock, client.token);
  });
  afterEach(() => mock.stop());

  const post = (dn: string, body: unknown): Promise<AxiosResponse> => client.http.post(`/api/mo/${dn}.json`, body);

  const subscribe = async (path: string): Promise<string> => {
    const answer = await client.http.get<Reply>(path);
    assert.equal(answer.status, 200, JSON.stringify(answer.data));
    return answer.data.subscriptionId ?? '';
  };

  /** Makes one more change that every suite's subscription sees last. */
  const settled = async (): Promise<void> => {
    const seen = events.objects().length;
    await subscribe('/api/class/fvTenant.json?subscription=yes&query-target-filter=eq(fvTenant.name,"fence")');
    await post('uni', { fvTenant: { attributes: { name: 'fence' } } });
    await until(() =>
      events
        .objects()
        .slice(seen)
        .some((object) => object.dn === 'uni/tn-fence'),
    );
  };

  const summary = (): readonly string[] => events.summary().filter((line) => !line.includes('fence'));

  it('needs an open socket: 405', async () => {
    const other = await loggedIn(mock);
    const answer = await other.http.get('/api/class/fvTenant.json?subscription=yes');
    assert.deepEqual(errorOf(answer), { status: 405, code: '405', text: NO_SOCKET });
    events.socket.close();
    await until(() => events.closed);
    await delay(20);
    assert.equal(errorOf(await client.http.get('/api/class/fvTenant.json?subscription=yes')).text, NO_SOCKET);
  });

  it('refuses a socket without a live token', async () => {
    const socket = new WebSocket(`${mock.url.replace('http', 'ws')}/socketnonsense`);
    const [error] = await new Promise<[Error]>((resolve) => {
      socket.once('error', (reason: Error) => resolve([reason]));
    });
    assert.match(error.message, /403/);
  });

  it('answers with an id of digits beside the query, and a new id each time', async () => {
    const answer = await client.http.get<Reply>('/api/class/fvTenant.json?subscription=yes');
    assert.match(answer.data.subscriptionId ?? '', /^\d{18}$/);
    assert.equal(answer.data.imdata.length, 3);
    assert.notEqual(await subscribe('/api/class/fvTenant.json?subscription=yes'), answer.data.subscriptionId);
    assert.equal(
      (await client.http.get<Reply>('/api/class/fvTenant.json?subscription=no')).data.subscriptionId,
      undefined,
    );
  });

  it('tells of a created object in full, a modified one in part, a deleted one by name', async () => {
    const id = await subscribe('/api/mo/uni/tn-a.json?subscription=yes');
    await post('uni', { fvTenant: { attributes: { name: 'a' } } });
    clock += 1000;
    await post('uni/tn-a', { fvTenant: { attributes: { descr: 'x' } } });
    clock += 1000;
    await client.http.delete('/api/mo/uni/tn-a.json');
    await until(() => events.frames.length === 3);
    assert.deepEqual(
      events.frames.map((frame) => frame.subscriptionId),
      [[id], [id], [id]],
    );
    const [created, modified, deleted] = events.objects();
    assert.deepEqual(created, {
      _class: 'fvTenant',
      annotation: '',
      childAction: '',
      descr: '',
      dn: 'uni/tn-a',
      extMngdBy: '',
      lcOwn: 'local',
      modTs: '2026-01-01T00:00:00.000+00:00',
      monPolDn: 'uni/tn-common/monepg-default',
      name: 'a',
      nameAlias: '',
      ownerKey: '',
      ownerTag: '',
      rn: '',
      status: 'created',
      uid: '15374',
      userdom: 'all',
    });
    assert.deepEqual(modified, {
      _class: 'fvTenant',
      childAction: '',
      descr: 'x',
      dn: 'uni/tn-a',
      modTs: '2026-01-01T00:00:01.000+00:00',
      rn: '',
      status: 'modified',
    });
    assert.deepEqual(deleted, {
      _class: 'fvTenant',
      childAction: '',
      dn: 'uni/tn-a',
      modTs: '2026-01-01T00:00:02.000+00:00',
      rn: '',
      status: 'deleted',
    });
  });

  it('says nothing of a write that changes nothing, nor of one that fails', async () => {
    await subscribe('/api/class/fvTenant.json?subscription=yes');
    await post('uni', { fvTenant: { attributes: { name: 'common' } } });
    await post('uni', [
      { fvTenant: { attributes: { name: 'b' } } },
      { fvTenant: { attributes: { name: 'b', status: 'created' } } },
    ]);
    await settled();
    assert.deepEqual(summary(), []);
  });

  it('follows a subtree that does not exist yet, class by class, down to each deleted object', async () => {
    await subscribe(
      '/api/mo/uni/tn-a.json?subscription=yes&query-target=subtree&target-subtree-class=fvAp,fvAEPg,fvRsBd',
    );
    await post('uni', {
      fvTenant: {
        attributes: { name: 'a' },
        children: [{ fvAp: { attributes: { name: 'p' }, children: [{ fvAEPg: { attributes: { name: 'e' } } }] } }],
      },
    });
    await client.http.delete('/api/mo/uni/tn-a.json');
    await settled();
    const [created, later] = [summary().slice(0, 4), summary().slice(4)];
    assert.deepEqual(created, [
      'created uni/tn-a/ap-p',
      'created uni/tn-a/ap-p/epg-e',
      'created uni/tn-a/ap-p/epg-e/rsbd',
      'modified uni/tn-a/ap-p/epg-e',
    ]);
    assert.deepEqual(
      [...later].sort(),
      ['', '/epg-e', '/epg-e/rsbd'].map((rest) => `deleted uni/tn-a/ap-p${rest}`),
    );
  });

  it('does not take rsp-subtree for a scope', async () => {
    await subscribe('/api/mo/uni/tn-a.json?subscription=yes&rsp-subtree=full');
    await post('uni', { fvTenant: { attributes: { name: 'a' }, children: [{ fvAp: { attributes: { name: 'p' } } }] } });
    await settled();
    assert.deepEqual(summary(), ['created uni/tn-a']);
  });

  it('limits children, classes below a Dn and abstract classes to what they say', async () => {
    await subscribe('/api/mo/uni/tn-common/ap-default.json?subscription=yes&query-target=children');
    await subscribe('/api/class/uni/tn-common/fvCtx.json?subscription=yes');
    await subscribe('/api/class/vzACtrct.json?subscription=yes');
    mock.load(
      managedObject('polUni', {}, [
        managedObject('fvTenant', { name: 'common' }, [
          managedObject('fvAp', { name: 'default' }, [managedObject('fvAEPg', { name: 'e' })]),
          managedObject('fvCtx', { name: 'in' }),
          managedObject('vzBrCP', { name: 'c' }),
        ]),
        managedObject('fvTenant', { name: 'x' }, [managedObject('fvCtx', { name: 'out' })]),
      ]),
    );
    await settled();
    assert.deepEqual(
      summary().filter((line) => line.startsWith('created')),
      ['created uni/tn-common/ap-default/epg-e', 'created uni/tn-common/ctx-in', 'created uni/tn-common/brc-c'],
    );
  });

  it('applies the filter to events', async () => {
    await subscribe('/api/class/fvTenant.json?subscription=yes&query-target-filter=eq(fvTenant.descr,"ours")');
    await post('uni', { fvTenant: { attributes: { name: 'a', descr: 'ours' } } });
    await post('uni', { fvTenant: { attributes: { name: 'b', descr: 'theirs' } } });
    await post('uni', { fvTenant: { attributes: { name: 'b', descr: 'ours' } } });
    await post('uni', { fvTenant: { attributes: { name: 'a', status: 'deleted' } } });
    await settled();
    assert.deepEqual(summary(), ['created uni/tn-a', 'modified uni/tn-b', 'deleted uni/tn-a']);
  });

  it('names all ids of a session in one frame, and reaches several sessions', async () => {
    const first = await subscribe('/api/class/fvTenant.json?subscription=yes');
    const second = await subscribe(
      '/api/mo/uni.json?subscription=yes&query-target=subtree&target-subtree-class=fvTenant',
    );
    const other = await loggedIn(mock);
    const otherEvents = await openSocket(mock, other.token);
    await other.http.get('/api/class/fvTenant.json?subscription=yes');
    await post('uni', { fvTenant: { attributes: { name: 'a' } } });
    await until(() => events.frames.length > 0 && otherEvents.frames.length > 0);
    assert.deepEqual([...(events.frames[0]?.subscriptionId ?? [])].sort(), [first, second].sort());
    assert.equal(events.frames.length, 1);
    assert.equal(otherEvents.frames[0]?.subscriptionId.length, 1);
  });

  it('tells of back relations and of the numbers assigned a moment later', async () => {
    await subscribe('/api/mo/uni.json?subscription=yes&query-target=subtree&target-subtree-class=fvAEPg,fvRtBd');
    await post('uni/tn-common/ap-default', { fvAEPg: { attributes: { name: 'e' } } });
    await settled();
    const epg = 'uni/tn-common/ap-default/epg-e';
    assert.deepEqual(summary(), [
      `created ${epg}`,
      `created uni/tn-common/BD-default/rtbd-[${epg}]`,
      `modified ${epg}`,
    ]);
    const [created, , modified] = events.objects();
    assert.equal(created?.pcTag, 'any');
    assert.match(modified?.pcTag ?? '', /^\d{5}$/);
    assert.equal(modified?.configSt, 'applied');
    assert.equal(modified?.descr, undefined);
  });

  it('survives a refreshed token', async () => {
    await subscribe('/api/class/fvTenant.json?subscription=yes&refresh-timeout=3600');
    clock += 500_000;
    const refreshed = await client.http.get('/api/aaaRefresh.json');
    client.http.defaults.headers.common.Cookie = refreshed.headers['set-cookie']?.[0] ?? '';
    clock += 200_000;
    await post('uni', { fvTenant: { attributes: { name: 'a' } } });
    await until(() => summary().length > 0);
  });

  it('lapses after 60 seconds, unless refreshed or asked to live longer', async () => {
    const short = await subscribe('/api/class/fvTenant.json?subscription=yes');
    const refreshed = await subscribe('/api/class/fvTenant.json?subscription=yes');
    const long = await subscribe('/api/class/fvTenant.json?subscription=yes&refresh-timeout=300');
    const refresh = (id: string): Promise<AxiosResponse> => client.http.get(`/api/subscriptionRefresh.json?id=${id}`);
    clock += 50_000;
    assert.deepEqual((await refresh(refreshed)).data, { totalCount: '0', imdata: [] });
    clock += 20_000;
    assert.equal(errorOf(await refresh(short)).status, 400);
    assert.equal((await refresh(refreshed)).status, 200);
    clock += 200_000;
    assert.equal((await refresh(long)).status, 200);
    assert.equal(mock.counters().openSubscriptions, 1);
    await post('uni', { fvTenant: { attributes: { name: 'a' } } });
    await until(() => events.frames.length === 1);
    assert.deepEqual(events.frames[0]?.subscriptionId, [long]);
  });

  it('belongs to its session', async () => {
    const id = await subscribe('/api/class/fvTenant.json?subscription=yes');
    const other = await loggedIn(mock);
    assert.equal(errorOf(await other.http.get(`/api/subscriptionRefresh.json?id=${id}`)).status, 400);
  });

  it('stays silent toward a request with two tokens', async () => {
    const id = await client.http.get<Reply>('/api/class/fvTenant.json?subscription=yes', {
      headers: { Cookie: `APIC-cookie=${client.token}; APIC-Cookie=${client.token}` },
    });
    assert.match(id.data.subscriptionId ?? '', /^\d+$/);
    await post('uni', { fvTenant: { attributes: { name: 'a' } } });
    await settled();
    assert.deepEqual(summary(), []);
  });

  it('closes the socket when the session is too old, and when a test says so', async () => {
    clock += 601_000;
    await until(() => events.closed);
    client = await loggedIn(mock);
    events = await openSocket(mock, client.token);
    mock.killSockets();
    await until(() => events.closed);
    events = await openSocket(mock, client.token);
    mock.expireTokens();
    await until(() => events.closed);
  });

  it('loses pushes when a test says so', async () => {
    await subscribe('/api/class/fvTenant.json?subscription=yes');
    mock.dropEvents(1);
    await post('uni', { fvTenant: { attributes: { name: 'lost' } } });
    await post('uni', { fvTenant: { attributes: { name: 'seen' } } });
    await until(() => events.frames.length > 0);
    assert.deepEqual(summary(), ['created uni/tn-seen']);
  });

  it('pushes no passwords', async () => {
    await subscribe('/api/class/aaaUser.json?subscription=yes');
    await post('uni/userext', { aaaUser: { attributes: { name: 'eve', pwd: 'S3cret-pass' } } });
    await until(() => events.frames.length > 0);
    assert.equal(events.objects()[0]?.pwd, '');
  });

  it('spells pushes in XML when the subscription was made so', async () => {
    const texts: string[] = [];
    events.socket.removeAllListeners('message');
    events.socket.on('message', (data: Buffer) => texts.push(data.toString()));
    const answer = await client.http.get<string>('/api/class/fvTenant.xml?subscription=yes');
    const id = / subscriptionId="(\d{18})"/.exec(answer.data)?.[1] ?? '';
    mock.load(managedObject('fvTenant', { name: 'a', descr: '1 & 2' }));
    await until(() => texts.length > 0);
    assert.ok(texts[0]?.startsWith(`<?xml version="1.0" encoding="UTF-8"?><imdata subscriptionId="${id}"><fvTenant `));
    assert.ok(texts[0]?.includes(' descr="1 &amp; 2" '));
    assert.match(texts[0] ?? '', / status="created"[^<>]*\/><\/imdata>$/);
  });

  it('answers pings and ignores what a client sends', async () => {
    events.socket.send('hello');
    const pong = new Promise((resolve) => {
      events.socket.once('pong', resolve);
    });
    events.socket.ping();
    await pong;
  });
});

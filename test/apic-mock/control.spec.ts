import assert from 'node:assert/strict';
import type { ApicMock } from '#apic-mock';
import { type LoggedIn, loggedIn, objectsOf, openSocket, type Reply, startPlain, until } from './apic-client.js';

const tenant = (name: string, descr = ''): unknown => ({ fvTenant: { attributes: { name, descr } } });

const shop = {
  fvTenant: {
    attributes: { name: 'shop' },
    children: [
      { fvCtx: { attributes: { name: 'main' } } },
      {
        fvBD: {
          attributes: { name: 'servers' },
          children: [{ fvRsCtx: { attributes: { tnFvCtxName: 'main' } } }],
        },
      },
      {
        fvAp: {
          attributes: { name: 'store' },
          children: [
            {
              fvAEPg: {
                attributes: { name: 'web' },
                children: [{ fvRsBd: { attributes: { tnFvBDName: 'servers' } } }],
              },
            },
          ],
        },
      },
    ],
  },
};

describe('apic-mock: control of state and time', () => {
  let mock: ApicMock;
  let client: LoggedIn;

  beforeEach(async () => {
    mock = await startPlain({ tokenSeconds: 300, subscriptionSeconds: 60 });
    client = await loggedIn(mock);
  });
  afterEach(() => mock.stop());

  const everything = (): unknown => unordered({ uni: mock.tree('uni'), topology: mock.tree('topology') });

  it('restores a snapshot to the last property, and leaves it as it was', async () => {
    await client.http.post('/api/mo/uni.json', shop);
    const before = everything();
    const snapshot = mock.snapshot();
    for (let round = 0; round < 2; round += 1) {
      await client.http.delete('/api/mo/uni/tn-shop/BD-servers.json');
      await client.http.post('/api/mo/uni/tn-shop.json', { fvTenant: { attributes: { descr: 'changed' } } });
      await client.http.post('/api/mo/uni.json', tenant('other'));
      assert.notDeepEqual(everything(), before);
      mock.restore(snapshot);
      assert.deepEqual(everything(), before);
    }
  });

  it('tells of every transaction, once it is done and before anybody else hears of it, until told to stop', async () => {
    const seen: string[] = [];
    const forget = mock.onCommit(({ created, modified, deleted }) => {
      const about = (dns: readonly string[]): readonly string[] => dns.filter((dn) => /^uni.tn-(shop|other)$/.test(dn));
      const there = ['shop', 'other'].filter((name) => mock.object(`uni/tn-${name}`) !== undefined);
      const parts = [about(created), about(modified), about(deleted), there].map((dns) => dns.join(','));
      if (parts.slice(0, 3).some((part) => part !== '')) seen.push(parts.join(' '));
    });
    const snapshot = mock.snapshot();
    await client.http.post('/api/mo/uni.json', tenant('other'));
    await client.http.post('/api/mo/uni.json', tenant('other'));
    await client.http.post('/api/mo/uni.json', tenant('other', 'changed'));
    mock.restore(snapshot);
    mock.reset();
    mock.load(tenant('shop') as Parameters<ApicMock['load']>[0]);
    forget();
    mock.load(tenant('other') as Parameters<ApicMock['load']>[0]);
    const other = 'uni/tn-other';
    assert.deepEqual(seen, [`${other}   other`, ` ${other}  other`, `  ${other} `, 'uni/tn-shop   shop']);
  });

  it('hands out no number twice after a restore', async () => {
    await client.http.post('/api/mo/uni.json', shop);
    const snapshot = mock.snapshot();
    await client.http.delete('/api/mo/uni/tn-shop.json');
    mock.restore(snapshot);
    await client.http.post('/api/mo/uni/tn-shop/ap-store.json', {
      fvAEPg: {
        attributes: { name: 'database' },
        children: [{ fvRsBd: { attributes: { tnFvBDName: 'servers' } } }],
      },
    });
    const tags = [...mock.objects('fvAEPg'), ...mock.objects('fvBD'), ...mock.objects('fvCtx')]
      .filter(({ dn }) => dn.startsWith('uni/tn-shop/'))
      .map(({ attributes }) => attributes.pcTag);
    assert.equal(new Set(tags).size, tags.length, tags.join(' '));
  });

  it('tells subscriptions what a restore changes', async () => {
    const socket = await openSocket(mock, client.token);
    await client.http.get('/api/class/fvTenant.json?subscription=yes');
    const snapshot = mock.snapshot();
    await client.http.post('/api/mo/uni.json', tenant('other'));
    mock.restore(snapshot);
    await until(() => socket.frames.length === 2);
    assert.deepEqual(socket.summary(), ['created uni/tn-other', 'deleted uni/tn-other']);
  });

  it('loads an answer of an APIC as it came, and names what it does not have', async () => {
    await client.http.post('/api/mo/uni.json', shop);
    const answer = await client.http.get<Reply>('/api/mo/uni/tn-shop.json?rsp-subtree=full');
    const saved = structuredClone(mock.tree('uni/tn-shop'));
    await client.http.delete('/api/mo/uni/tn-shop.json');
    const text = JSON.stringify(answer.data).replace(
      '"children":[',
      '"children":[{"fvNoSuchClass":{"attributes":{"name":"x"}}},',
    );
    const loaded = mock.loadExport(text.replace('"name":"shop"', '"name":"shop","noSuchProperty":"1"'));
    assert.deepEqual(loaded.skipped, ['fvNoSuchClass', 'fvTenant.noSuchProperty']);
    assert.deepEqual(unordered(mock.tree('uni/tn-shop'), 'modTs'), unordered(saved, 'modTs'));
  });

  it('loads an answer in XML the same way', async () => {
    await client.http.post('/api/mo/uni.json', shop);
    const answer = await client.http.get<string>('/api/mo/uni/tn-shop.xml?rsp-subtree=full');
    const saved = mock.tree('uni/tn-shop');
    await client.http.delete('/api/mo/uni/tn-shop.json');
    assert.deepEqual(mock.loadExport(answer.data.replace('<fvCtx', '<fvNoSuch/><fvCtx')).skipped, ['fvNoSuch']);
    assert.deepEqual(unordered(mock.tree('uni/tn-shop'), 'modTs'), unordered(saved, 'modTs'));
    assert.throws(() => mock.loadExport('<imdata><fvTenant</imdata>'), /cannot load: XML parsing failed/);
  });

  it('refuses an export that is broken or does not fit, and changes nothing', () => {
    const size = mock.size();
    assert.throws(() => mock.loadExport('{"imdata":[{"fvTenant":'), /cannot load: JSON parsing failed/);
    assert.throws(
      () => mock.loadExport('{"imdata":[{"fvTenant":{"attributes":{"name":"a"}}},{"fvTenant":{"attributes":{}}}]}'),
      /cannot load: naming property/,
    );
    assert.equal(mock.size(), size);
  });

  it('lets tokens, subscriptions and timestamps follow its clock', async () => {
    const start = mock.now();
    const socket = await openSocket(mock, client.token);
    const { subscriptionId } = (await client.http.get<Reply>('/api/class/fvTenant.json?subscription=yes')).data;
    mock.advance(61_000);
    assert.equal(mock.counters().openSubscriptions, 0);
    assert.equal((await client.http.get(`/api/subscriptionRefresh.json?id=${subscriptionId}`)).status, 400);
    await client.http.post('/api/mo/uni.json', tenant('later'));
    const [later] = objectsOf(await client.http.get('/api/mo/uni/tn-later.json'));
    assert.ok(Date.parse(later?.modTs ?? '') >= start + 61_000, later?.modTs);
    mock.advance(240_000);
    assert.equal((await client.http.get('/api/mo/uni.json')).status, 403);
    await until(() => socket.closed);
    assert.throws(() => mock.advance(-1), RangeError);
  });
});

/** Trees compare without the order of children, which a restore may change, and perhaps without a property. */
function unordered(value: unknown, without = ''): unknown {
  if (Array.isArray(value)) {
    return value
      .map((item) => unordered(item, without))
      .map((item) => [JSON.stringify(item), item] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, item]) => item);
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => name !== without);
  return Object.fromEntries(entries.map(([name, item]) => [name, unordered(item, without)]));
}

import assert from 'node:assert/strict';
import { eventually } from '#support/eventually';
import { forever, SetUp } from './client-set-up.js';
import { imdata } from './scripted-apic.js';

describe('apic: listing', () => {
  const setUp = new SetUp();
  afterEach(() => setUp.close());

  const manyObjects = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      className: index % 2 === 0 ? 'fvAEPg' : 'fvBD',
      dn: `uni/tn-a/x-${String(index).padStart(4, '0')}`,
    }));

  it('takes what fits one page in one request, attributes as the APIC spells them', async () => {
    const server = await setUp.server();
    server.objects = [
      { className: 'vzEntry', dn: 'uni/tn-a/flt-f/e-http', dToPort: 'http', modTs: '2026-01-01T00:00:00.000+00:00' },
      { className: 'fvTenant', dn: 'uni/tn-b', name: 'b' },
    ];
    const client = setUp.client(server.url);
    const found = await client.list({ dn: 'uni/tn-a', classes: ['fvTenant', 'vzEntry'] }, forever);
    assert.deepEqual(found, [
      {
        className: 'vzEntry',
        dn: 'uni/tn-a/flt-f/e-http',
        attributes: { dn: 'uni/tn-a/flt-f/e-http', dToPort: 'http', modTs: '2026-01-01T00:00:00.000+00:00' },
      },
    ]);
    assert.equal(client.requests().reads, 1);
  });

  it('lists more than a page class by class, in order', async () => {
    const server = await setUp.server();
    server.objects = manyObjects(100);
    const client = setUp.client(server.url, { pageSize: 20 });
    const found = await client.list({ dn: 'uni', classes: ['fvAEPg', 'fvBD'] }, forever);
    assert.equal(new Set(found.map(({ dn }) => dn)).size, 100);
    const paged = server.seen.filter(({ query }) => Number(query.get('page')) > 0);
    assert.ok(paged.length > 0);
    for (const { query } of paged) {
      assert.equal(query.get('order-by'), `${query.get('target-subtree-class')}.dn`);
    }
  });

  it('begins anew when the result changes between two pages, so that nothing is skipped', async () => {
    const server = await setUp.server();
    server.objects = manyObjects(40).filter(({ className }) => className === 'fvBD');
    let removed = false;
    server.script = ({ query }) => {
      if (query.get('page') === '1' && !removed) {
        removed = true;
        server.objects = server.objects.slice(1);
      }
      return undefined;
    };
    const found = await setUp.client(server.url, { pageSize: 5 }).list({ dn: 'uni', classes: ['fvBD'] }, forever);
    assert.deepEqual(
      found.map(({ dn }) => dn),
      server.objects.map(({ dn }) => dn),
    );
  });

  it('reads objects of every class until none is there twice, as pages without an order may come', async () => {
    const server = await setUp.server();
    server.objects = manyObjects(12);
    let turns = 0;
    server.script = ({ query }) => {
      // Between the first two pages the order turns round, once: the first objects come again, and others never.
      if (query.get('page') === '1' && turns === 0) {
        turns += 1;
        server.objects.reverse();
      }
      return undefined;
    };
    const found = await setUp.client(server.url, { pageSize: 5 }).list({ dn: 'uni', classes: 'all' }, forever);
    assert.equal(turns, 1);
    assert.deepEqual(
      found.map(({ dn }) => dn).sort(),
      manyObjects(12).map(({ dn }) => dn),
    );
    const pages = server.seen.filter(({ path }) => path === '/api/mo/uni.json').map(({ query }) => query.get('page'));
    assert.deepEqual(pages, ['0', '1', '2', '0', '1', '2']);
    assert.ok(server.seen.every(({ query }) => !query.has('target-subtree-class') && !query.has('order-by')));
  });

  it('gives up on objects of every class that come in another order with each page', async () => {
    const server = await setUp.server();
    server.objects = manyObjects(12);
    server.script = ({ query }) => {
      if (query.has('page')) server.objects.reverse();
      return undefined;
    };
    const client = setUp.client(server.url, { pageSize: 5 });
    await assert.rejects(client.list({ dn: 'uni', classes: 'all' }, forever), { code: 'APIC_BUSY' });
  });

  it('does not take a count without objects for an empty fabric', async () => {
    const server = await setUp.server();
    server.script = ({ path }) =>
      path.startsWith('/api/mo') ? { status: 200, body: imdata([]).replace('"0"', '"81"') } : undefined;
    const client = setUp.client(server.url);
    await assert.rejects(client.list({ dn: 'uni', classes: ['fvBD'] }, forever), { code: 'APIC_BUSY' });
    await assert.rejects(client.list({ dn: 'uni', classes: ['fvBD', 'fvAEPg'] }, forever), { code: 'APIC_BUSY' });
  });

  it('gives an empty list for a Dn that does not exist', async () => {
    const server = await setUp.server();
    assert.deepEqual(await setUp.client(server.url).list({ dn: 'uni/tn-x', classes: ['fvBD'] }, forever), []);
    await eventually(() => assert.equal(server.logins, 1));
  });
});

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { ApicClientOptions } from '#apic';
import { type FlatObject, type ManagedObject, managedObject } from '#model/aci';
import type { ApicPort, FabricScope } from '#ports';
import { eventually } from '#support/eventually';
import { forever } from './client-set-up.js';
import { RecordingSink } from './recording-sink.js';

/** What can happen to an APIC while it is watched. Each key is one kind of mischief. */
export type Mischief = Readonly<Record<string, () => void>>;

/** An APIC to run the contract against. */
export interface ContractFabric {
  /** A client of its own, closed by the fabric. */
  client(options?: Partial<ApicClientOptions>): ApicPort;
  readonly mischief: Mischief;
  close(): Promise<void>;
}

const CLASSES = ['fvTenant', 'fvBD', 'vzFilter', 'vzEntry'];
/** What an object is compared by: the rest is the APIC's own. */
const COMPARED = ['name', 'descr', 'dToPort'];

const tenant = (name: string, children: readonly ManagedObject[] = [], more = {}): ManagedObject =>
  managedObject('fvTenant', { name, ...more }, children);
const bd = (name: string, more = {}): ManagedObject => managedObject('fvBD', { name, ...more });
const filter = (name: string, port: string): ManagedObject =>
  managedObject('vzFilter', { name }, [
    managedObject('vzEntry', { name: 'e', etherT: 'ip', prot: 'tcp', dFromPort: port, dToPort: port }),
  ]);

/** What the {@link ApicPort} promises, over whatever lies behind it: a simulator, or an APIC given by the environment. */
export function apicPortContract(name: string, open: () => Promise<ContractFabric>): void {
  describe(`${name}: APIC port contract`, () => {
    let fabric: ContractFabric;
    let client: ApicPort;
    let scope: FabricScope;
    let tenantName: string;
    let stop: AbortController;
    let watches: Promise<void>[];
    before(async () => {
      fabric = await open();
      client = fabric.client();
    });
    after(() => fabric.close());
    beforeEach(() => {
      tenantName = `acigw-${Math.random().toString(36).slice(2, 10)}`;
      scope = { dn: `uni/tn-${tenantName}`, classes: CLASSES };
      stop = new AbortController();
      watches = [];
    });
    afterEach(async () => {
      stop.abort();
      await Promise.all(watches);
      await client.post('uni', tenant(tenantName, [], { status: 'deleted' }), forever);
    });

    const put = (...children: readonly ManagedObject[]) => client.post('uni', tenant(tenantName, children), forever);
    const remove = (child: ManagedObject) =>
      put({ ...child, attributes: { ...child.attributes, status: 'deleted' }, children: [] });
    const dns = (objects: readonly FlatObject[]) => objects.map(({ dn }) => dn.replace(`${scope.dn}/`, '')).sort();
    function watch(options?: Partial<ApicClientOptions>): RecordingSink {
      const sink = new RecordingSink();
      const watcher = options === undefined ? client : fabric.client(options);
      watches.push(watcher.watch([scope], sink, stop.signal));
      return sink;
    }
    const listed = (sink: RecordingSink) => eventually(() => assert.match(sink.told[0] ?? '', /^replaced/));
    const essence = (objects: Iterable<readonly [string, Readonly<Record<string, string>>]>) =>
      Object.fromEntries(
        [...objects]
          .map(([dn, attributes]) => [dn, COMPARED.map((attribute) => attributes[attribute] ?? '').join('|')] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      );
    const mirrorsFabric = (sink: RecordingSink, withinMs?: number) =>
      eventually(async () => {
        const objects = await client.list(scope, forever);
        assert.deepEqual(essence(sink.mirror), essence(objects.map(({ dn, attributes }) => [dn, attributes] as const)));
      }, withinMs);

    it('posts a tree that can be listed, spelled as the APIC spells it', async () => {
      await put(filter('web', '80'));
      const objects = await client.list(scope, forever);
      assert.deepEqual(dns(objects), ['flt-web', 'flt-web/e-e', scope.dn]);
      assert.equal(objects.find(({ className }) => className === 'vzEntry')?.attributes['dToPort'], 'http');
    });

    it('takes the same tree twice, and a deletion of what is not there', async () => {
      await put(bd('a'));
      await put(bd('a'));
      await remove(bd('a'));
      await remove(bd('a'));
      assert.deepEqual(dns(await client.list(scope, forever)), [scope.dn]);
    });

    it('applies nothing of a tree that holds something wrong, and says where to look', async () => {
      await assert.rejects(put(bd('a'), managedObject('fvBD', { name: 'b', arpFlood: 'perhaps' })), {
        code: 'APIC_REJECTED',
        disposition: 'park',
        dn: 'uni',
      });
      assert.deepEqual(await client.list(scope, forever), []);
    });

    it('lists the same whatever the page size', async () => {
      await put(...Array.from({ length: 25 }, (_, index) => bd(`b${index}`)), filter('f', '1'));
      const whole = await client.list(scope, forever);
      assert.equal(whole.length, 28);
      assert.deepEqual(dns(await fabric.client({ pageSize: 7 }).list(scope, forever)), dns(whole));
    });

    it('lists objects of every class, whatever the page size', async () => {
      await put(...Array.from({ length: 25 }, (_, index) => bd(`b${index}`)), filter('f', '1'));
      const whole = await client.list({ dn: scope.dn, classes: 'all' }, forever);
      const known = dns(await client.list(scope, forever));
      const found = new Set(dns(whole));
      assert.deepEqual(
        known.filter((dn) => !found.has(dn)),
        [],
      );
      assert.ok(found.has('BD-b0/rsctx') && found.has('rsTenantMonPol'), 'also of classes that nobody named');
      assert.deepEqual(
        dns(await fabric.client({ pageSize: 7 }).list({ dn: scope.dn, classes: 'all' }, forever)),
        dns(whole),
      );
    });

    it('lists only what has the values', async () => {
      await put(bd('a', { descr: 'this' }), bd('b', { descr: 'that' }), filter('a', '1'));
      const values = { 'fvBD.name': 'a', 'fvBD.descr': 'this' };
      assert.deepEqual(dns(await client.list({ ...scope, values }, forever)), ['BD-a']);
      assert.deepEqual(await client.list({ ...scope, values: { ...values, 'fvBD.descr': 'that' } }, forever), []);
    });

    it('says of an object what happened to it, the newest first, also when it is gone', async () => {
      await put(bd('a', { descr: 'one' }), bd('b'));
      await put(bd('a', { descr: 'two' }));
      await remove(bd('a'));
      const records = await eventually(async () => {
        const found = await client.changesOf(`${scope.dn}/BD-a`, forever);
        assert.equal(found.length, 3);
        return found;
      });
      assert.deepEqual(
        records.map(({ kind }) => kind),
        ['deletion', 'modification', 'creation'],
      );
      assert.match(records[1]?.changeSet ?? '', /descr \(Old: one, New: two\)/);
      for (const { user, at } of records) assert.ok(user !== '' && !Number.isNaN(Date.parse(at)));
      assert.deepEqual(await client.changesOf(`${scope.dn}/BD-c`, forever), []);
      await assert.rejects(client.changesOf(`${scope.dn}/BD-"`, forever), { code: 'INVALID_INPUT' });
    });

    it('watches what does not exist yet, and tells what is created, modified and deleted', async () => {
      const sink = watch();
      await listed(sink);
      assert.deepEqual(sink.told, ['replaced']);
      await put(bd('a'));
      await put(bd('a', { descr: 'changed' }));
      await remove(bd('a'));
      await eventually(() => assert.ok(sink.told.includes(`deleted ${scope.dn}/BD-a`)));
      const kinds = sink.changes.filter(({ dn }) => dn.endsWith('BD-a')).map(({ kind }) => kind);
      assert.equal(kinds[0], 'created');
      assert.ok(kinds.includes('modified'));
      assert.equal(kinds.at(-1), 'deleted');
      assert.ok(sink.changes.some(({ attributes }) => attributes['descr'] === 'changed'));
      await mirrorsFabric(sink);
    });

    it('hears of the deletion of each object below one that is deleted', async () => {
      await put(filter('web', '80'), bd('a'));
      const sink = watch();
      await listed(sink);
      await client.post('uni', tenant(tenantName, [], { status: 'deleted' }), forever);
      await eventually(() => assert.equal(sink.mirror.size, 0));
    });

    it('has the whole picture from the start', async () => {
      await put(...Array.from({ length: 25 }, (_, index) => bd(`b${index}`)));
      const sink = watch({ pageSize: 10 });
      await listed(sink);
      assert.equal(sink.mirror.size, 26);
    });

    it('comes back to the truth after any mischief', async () => {
      const sink = watch({ refreshTimeoutSeconds: 1 });
      await listed(sink);
      for (const happens of Object.values(fabric.mischief)) {
        happens();
        await put(bd('a', { descr: String(sink.told.length) }), bd(`b${sink.told.length}`));
        await mirrorsFabric(sink);
      }
    });

    it('mirrors the fabric after any sequence of changes and mischief', async function () {
      this.timeout(60_000);
      const change = fc.record({
        action: fc.constantFrom('put', 'put', 'describe', 'remove', 'filter', 'mischief'),
        name: fc.constantFrom('a', 'b', 'c'),
        which: fc.nat(9),
      });
      const sink = watch({ refreshTimeoutSeconds: 1 });
      await listed(sink);
      const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), async (changes) => {
        for (const { action, name, which } of changes) {
          const kinds = Object.values(fabric.mischief);
          if (action === 'mischief') kinds[which % Math.max(1, kinds.length)]?.();
          else if (action === 'remove') await remove(bd(name));
          else if (action === 'filter') await put(filter(name, String(which)));
          else await put(bd(name, action === 'describe' ? { descr: String(which) } : {}));
        }
        await mirrorsFabric(sink, 15_000);
      });
      await fc.assert(property, { numRuns: 10, endOnFailure: true });
    });
  });
}

import assert from 'node:assert/strict';
import type { ApicMock } from '#apic-mock';
import { type ManagedObject, managedObject as object, toWire } from '#model/aci';
import { errorOf, type LoggedIn, loggedIn, startPlain } from './apic-client.js';

describe('apic-mock: childAction', () => {
  let mock: ApicMock;
  let client: LoggedIn;

  beforeEach(async () => {
    mock = await startPlain();
    client = await loggedIn(mock);
  });
  afterEach(() => mock.stop());

  const group = (name: string, descr = ''): ManagedObject => object('fvAEPg', { name, descr });
  const profile = (childAction: string, ...groups: readonly ManagedObject[]): unknown =>
    toWire(object('fvAp', { name: 'a', childAction }, groups));
  const post = async (body: unknown): Promise<void> => {
    const answer = await client.http.post('/api/mo/uni/tn-t.json', body);
    assert.equal(answer.status, 200, JSON.stringify(answer.data));
  };
  const groups = (): readonly string[] =>
    mock
      .objects('fvAEPg')
      .filter(({ dn }) => dn.startsWith('uni/tn-t/'))
      .map(({ attributes: { name, descr } }) => `${name}${descr}`);

  it('deleteNonPresent deletes the children that the request does not list', async () => {
    await client.http.post('/api/mo/uni.json', toWire(object('fvTenant', { name: 't' })));
    await post(profile('', group('e', 'x'), group('f')));
    await post(profile('', group('g')));
    assert.deepEqual(groups(), ['ex', 'f', 'g']);
    await post(profile('deleteNonPresent', object('fvAEPg', { name: 'e' }), group('h')));
    assert.deepEqual(groups(), ['ex', 'h']);
    assert.equal(mock.object('uni/tn-common/BD-default/rtbd-[uni/tn-t/ap-a/epg-f]'), undefined);
  });

  it('deleteAll begins anew, and leaves what the APIC makes', async () => {
    await client.http.post('/api/mo/uni.json', toWire(object('fvTenant', { name: 't' })));
    await post(profile('', group('e', 'x'), group('f')));
    await post(profile('deleteAll', group('e')));
    assert.deepEqual(groups(), ['e']);
    const tenant = toWire(object('fvTenant', { name: 't', childAction: 'deleteAll' }));
    assert.equal((await client.http.post('/api/mo/uni.json', tenant)).status, 200);
    const left = mock.tree('uni/tn-t')?.children.map(({ className }) => className);
    assert.deepEqual(left, ['fvEpTags', 'fvRsTenantMonPol', 'vnsSvcCont']);
  });

  it('ignore does nothing, replaced neither, and other words are errors', async () => {
    await client.http.post('/api/mo/uni.json', toWire(object('fvTenant', { name: 't' })));
    await post(profile('', group('e', 'x')));
    await post(profile('ignore', group('f')));
    await post(toWire(object('fvAp', { name: 'a', status: 'replaced' })));
    assert.deepEqual(groups(), ['ex', 'f']);
    const answer = await client.http.post('/api/mo/uni/tn-t.json', profile('sweep'));
    assert.deepEqual(errorOf(answer), {
      status: 400,
      code: '120',
      text: 'unknown property value sweep, , name childAction, class fvAp [(Dn0)] Dn0=uni/tn-t/ap-a, ',
    });
  });
});

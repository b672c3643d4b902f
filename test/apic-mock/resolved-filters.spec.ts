import assert from 'node:assert/strict';
import { dnsOf, objectsOf } from './apic-client.js';
import { useApic } from './apic-suite.js';

const FILTER = '/api/mo/uni/tn-t/flt-web.json';

describe('apic-mock: resolved filters', () => {
  const apic = useApic({ each: true });

  const entry = (name: string, attributes: Readonly<Record<string, string>>): unknown => ({
    vzEntry: { attributes: { name, etherT: 'ip', prot: 'tcp', ...attributes } },
  });
  beforeEach(async () => {
    const http = entry('http', { dFromPort: '80', dToPort: '80', stateful: 'yes' });
    const filter = { vzFilter: { attributes: { name: 'web' }, children: [http] } };
    await apic.http.post('/api/mo/uni.json', { fvTenant: { attributes: { name: 't' }, children: [filter] } });
  });

  /** `fp-9: there`, of the resolved filters of the tenant. */
  const resolved = async (which: 'fwdId' | 'revId'): Promise<readonly Readonly<Record<string, string>>[]> => {
    const [filter] = objectsOf(await apic.http.get(FILTER));
    return objectsOf(
      await apic.http.get(
        `/api/mo/uni/tn-t/fp-${filter?.[which]}.json?query-target=children&target-subtree-class=vzRFltE`,
      ),
    );
  };
  const ports = async (which: 'fwdId' | 'revId'): Promise<unknown> =>
    (await resolved(which)).map((one) => [one.dn?.split('/').at(-1), one.sFromPort, one.dFromPort, one.tcpRules]);

  it('have the entries for the way there and, turned round, for the way back', async () => {
    const [filter] = objectsOf(await apic.http.get(FILTER));
    assert.equal(Number(filter?.revId), Number(filter?.fwdId) + 1);
    assert.deepEqual(await ports('fwdId'), [['fe-http', 'unspecified', 'http', '']]);
    assert.deepEqual(await ports('revId'), [['fe-http', 'http', 'unspecified', 'ack']]);
    const [there] = await resolved('fwdId');
    assert.deepEqual([there?.etherT, there?.prot, there?.dToPort], ['ip', 'tcp', 'http']);
  });

  it('follow their filter, entry by entry', async () => {
    await apic.http.post(FILTER, entry('ssh', { dFromPort: '22', dToPort: '22' }));
    await apic.http.post('/api/mo/uni/tn-t/flt-web/e-http.json', entry('http', { dFromPort: '8080', dToPort: '8080' }));
    assert.deepEqual(await ports('fwdId'), [
      ['fe-http', 'unspecified', '8080', ''],
      ['fe-ssh', 'unspecified', 'ssh', ''],
    ]);
    await apic.http.delete('/api/mo/uni/tn-t/flt-web/e-http.json');
    assert.deepEqual(await ports('revId'), [['fe-ssh', 'ssh', 'unspecified', '']]);
    await apic.http.delete(FILTER);
    assert.deepEqual(dnsOf(await apic.http.get('/api/class/uni/tn-t/vzRFltP.json')), []);
  });

  it('have numbers of their own, also after a filter was replaced or restored', async () => {
    const kept = apic.mock.snapshot();
    await apic.http.delete(FILTER);
    const other = { vzFilter: { attributes: { name: 'other' }, children: [entry('e', {})] } };
    await apic.http.post('/api/mo/uni/tn-t.json', other);
    apic.mock.restore(kept);
    await apic.http.post('/api/mo/uni/tn-t.json', other);
    assert.equal((await resolved('fwdId')).length, 1);
    const ids = apic.mock.objects('vzFilter').flatMap(({ attributes }) => [attributes['fwdId'], attributes['revId']]);
    assert.equal(new Set(ids).size, ids.length, String(ids));
    assert.equal(apic.mock.objects('vzRFltP').length, ids.length);
  });

  it('are not written by a user', async () => {
    const answer = await apic.http.post('/api/mo/uni/tn-t.json', { vzRFltP: { attributes: { id: '77' } } });
    assert.equal(answer.status, 400);
  });
});

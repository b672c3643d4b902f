import assert from 'node:assert/strict';
import type { AxiosResponse } from 'axios';
import { dnsOf, errorOf, objectsOf, type Reply, type ReplyBody } from './apic-client.js';
import { useApic } from './apic-suite.js';

type Child = Readonly<Record<string, ReplyBody>>;

const AP = '/api/mo/uni/tn-t/ap-a.json';
const EPG = '/api/mo/uni/tn-t/ap-a/epg-e.json';

describe('apic-mock: rsp-subtree-include', () => {
  const apic = useApic();

  before(async () => {
    const epg = {
      fvAEPg: { attributes: { name: 'e' }, children: [{ fvRsProv: { attributes: { tnVzBrCPName: 'web' } } }] },
    };
    await apic.http.post('/api/mo/uni.json', {
      fvTenant: { attributes: { name: 't' }, children: [{ fvAp: { attributes: { name: 'a' }, children: [epg] } }] },
    });
    await apic.http.post(EPG, { fvAEPg: { attributes: { descr: 'changed' } } });
  });

  const get = (path: string, words: string): Promise<AxiosResponse<Reply>> =>
    apic.http.get<Reply>(`${path}${path.includes('?') ? '&' : '?'}rsp-subtree-include=${words}`);

  const childrenOf = (answer: AxiosResponse<Reply>): readonly Child[] =>
    answer.data.imdata.flatMap((object) => Object.values(object).flatMap((body) => body.children ?? []));

  /** Classes directly below what was found, each once. */
  const shownBelow = async (path: string, words: string): Promise<readonly string[]> =>
    [...new Set(childrenOf(await get(path, words)).flatMap((child) => Object.keys(child)))].sort();

  it('audit-logs', async () => {
    assert.deepEqual(await shownBelow(EPG, 'audit-logs'), ['aaaModLR']);
    assert.equal(childrenOf(await get(EPG, 'audit-logs')).length, 2);
  });

  for (const [word, className] of [
    ['event-logs', 'eventRecord'],
    ['fault-records', 'faultRecord'],
    ['health-records', 'healthRecord'],
    ['ep-records', 'fvCEpRecord'],
  ] as const) {
    it(`${word}: no other records and nothing of the tree`, async () => {
      const below = await shownBelow(EPG, word);
      assert.deepEqual(
        below.filter((name) => name !== className),
        [],
      );
      assert.equal((await get(EPG, word)).data.totalCount, '1');
    });
  }

  for (const word of ['deployment-records', 'full-deployment', 'stats', 'tasks']) {
    it(`${word}: known, and there are none`, async () => {
      assert.deepEqual(await shownBelow(EPG, `${word}&target-path=AccBaseGrpToEthIf&target-node=all`), []);
      assert.equal((await get(EPG, `${word},required`)).data.totalCount, '0');
    });
  }

  it('faults', async () => {
    assert.deepEqual(await shownBelow('/api/mo/uni/tn-t/ap-a/epg-e/rsprov-web.json', 'faults'), ['faultInst']);
  });

  it('fault-count', async () => {
    assert.deepEqual(await shownBelow(EPG, 'fault-count'), ['faultCounts']);
  });

  it('health', async () => {
    assert.deepEqual(await shownBelow(EPG, 'health'), ['healthInst']);
  });

  it('relations', async () => {
    const below = await shownBelow(EPG, 'relations');
    assert.ok(below.includes('fvRsBd') && below.every((name) => /^fvR[st]/.test(name)), String(below));
  });

  it('several categories beside the children that are asked for', async () => {
    const below = await shownBelow(`${EPG}?rsp-subtree=children&rsp-subtree-class=fvRsBd`, 'health,audit-logs');
    assert.deepEqual(below, ['aaaModLR', 'fvRsBd', 'healthInst']);
  });

  it('count', async () => {
    assert.deepEqual(objectsOf(await get('/api/class/uni/tn-t/fvAEPg.json', 'count'))[0], {
      _class: 'moCount',
      childAction: '',
      count: '1',
      dn: 'cnt',
      lcOwn: 'local',
      modTs: 'never',
      rn: 'cnt',
      status: '',
    });
  });

  it('required: with a category, and with the children that are asked for', async () => {
    const relations = '/api/mo/uni/tn-t.json?query-target=subtree&target-subtree-class=fvRsBd,fvRsProv';
    assert.deepEqual(dnsOf(await get(relations, 'faults,required')), ['uni/tn-t/ap-a/epg-e/rsprov-web']);
    const tenants = '/api/class/fvTenant.json?rsp-subtree=full&rsp-subtree-class=fvAEPg';
    const holders = dnsOf(await get(tenants, 'required'));
    assert.ok(holders.includes('uni/tn-t') && !holders.includes('uni/tn-common'), String(holders));
  });

  it('no-scoped: the records alone', async () => {
    const answer = await get('/api/mo/uni/tn-t/ap-a/epg-e/rsprov-web.json', 'faults,no-scoped');
    assert.deepEqual(dnsOf(answer), ['uni/tn-t/ap-a/epg-e/rsprov-web/fault-F0974']);
  });

  it('subtree: what is further down, on its way or alone', async () => {
    assert.deepEqual(await shownBelow(AP, 'faults'), []);
    const nested = childrenOf(await get(AP, 'faults,subtree'))[0]?.fvAEPg;
    assert.equal(nested?.attributes.rn, 'epg-e');
    assert.equal(nested.children?.[0]?.fvRsProv?.children?.[0]?.faultInst?.attributes.code, 'F0974');
    const alone = await get(AP, 'faults,no-scoped,subtree');
    assert.deepEqual(dnsOf(alone), ['uni/tn-t/ap-a/epg-e/rsprov-web/fault-F0974']);
    const logs = objectsOf(await get(AP, 'audit-logs,no-scoped,subtree'));
    assert.ok(logs.some((log) => log.affected === 'uni/tn-t/ap-a/epg-e' && log.ind === 'modification'));
    assert.ok(logs.every((log) => log._class === 'aaaModLR'));
  });

  it('no word that there is not', async () => {
    const { status, code, text } = errorOf(await get(EPG, 'faults,faultz'));
    assert.deepEqual([status, code], [400, '8']);
    assert.match(text, /^rsp-subtree-include argument is incorrect \(possible options: faults\|fault-count\|health\|/);
  });
});

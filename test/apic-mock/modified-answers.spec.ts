import assert from 'node:assert/strict';
import type { ApicMock } from '#apic-mock';
import { type LoggedIn, loggedIn, objectsOf, type Reply, type ReplyBody, startPlain } from './apic-client.js';
import type { Spelling } from './xml-client.js';

const child = (className: string, name: string, ...children: readonly unknown[]): unknown => ({
  [className]: { attributes: { name }, children },
});

type Tree = Readonly<Record<string, ReplyBody>>;

/** `fvTenant tn-t created [fvAp …]`: what a nested answer says, by RN below the root. */
function outline(tree: Tree): string {
  const [[className, body] = ['', undefined]] = Object.entries(tree);
  const { dn, rn, status } = body?.attributes ?? {};
  const below = (body?.children ?? []).map(outline);
  return `${className} ${rn || dn} ${status || '-'}${below.length === 0 ? '' : ` [${below.join(', ')}]`}`;
}

for (const spelling of ['json', 'xml'] as const satisfies readonly Spelling[]) {
  describe(`apic-mock: answers to rsp-subtree=modified, ${spelling}`, () => {
    let mock: ApicMock;
    let client: LoggedIn;

    beforeEach(async () => {
      mock = await startPlain();
      client = await loggedIn(mock, spelling);
    });
    afterEach(() => mock.stop());

    const post = async (dn: string, body: unknown): Promise<Reply> =>
      (await client.http.post<Reply>(`/api/mo/${dn}.json?rsp-subtree=modified`, body)).data;
    const said = async (dn: string, body: unknown): Promise<readonly string[]> =>
      (await post(dn, body)).imdata.map(outline);

    it('hold what was created, nested, with what the APIC makes along', async () => {
      const tree = child('fvTenant', 't', child('fvCtx', 'v'), child('fvAp', 'a', child('fvAEPg', 'e')));
      const { totalCount, imdata } = await post('uni', tree);
      assert.equal(totalCount, '1');
      const tenant = imdata[0]?.fvTenant;
      assert.deepEqual(
        [tenant?.attributes.dn, tenant?.attributes.rn, tenant?.attributes.childAction, tenant?.attributes.uid],
        ['uni/tn-t', '', 'deleteNonPresent', '15374'],
      );
      // As the tests of cisco.aci have it: fvAp first, fvCtx third in JSON and second in XML.
      const children = tenant?.children ?? [];
      assert.ok(children[0]?.fvAp);
      assert.ok(children[spelling === 'json' ? 2 : 1]?.fvCtx);
      const group = children[0]?.fvAp?.children?.[0]?.fvAEPg;
      assert.deepEqual(
        [group?.attributes.rn, group?.attributes.status, group?.attributes.dn, group?.attributes.scope],
        ['epg-e', 'created', undefined, '0'],
      );
      assert.deepEqual((group?.children ?? []).map(outline), [
        'fvRsBd rsbd created',
        'fvRsCustQosPol rscustQosPol created',
      ]);
      assert.deepEqual(await post('uni', tree), { totalCount: '0', imdata: [] });
    });

    it('hold of what was there only the objects that changed, and those that lead to them', async () => {
      await post('uni', child('fvTenant', 't', child('fvAp', 'a', child('fvAEPg', 'e'), child('fvAEPg', 'f'))));
      const change = { fvAEPg: { attributes: { name: 'f', descr: 'x' } } };
      assert.deepEqual(await said('uni', child('fvTenant', 't', child('fvAp', 'a', child('fvAEPg', 'e'), change))), [
        'fvTenant uni/tn-t - [fvAp ap-a - [fvAEPg epg-f modified]]',
      ]);
      const gone = { fvAp: { attributes: { name: 'a', status: 'deleted' } } };
      const both = { fvTenant: { attributes: { name: 't', descr: 'y' }, children: [gone] } };
      assert.deepEqual(await said('uni', both), ['fvTenant uni/tn-t modified [fvAp ap-a deleted]']);
    });

    it('hold a child that was reset instead of deleted', async () => {
      const bound = { fvRsCtx: { attributes: { tnFvCtxName: 'v' } } };
      await post('uni', child('fvTenant', 't', child('fvCtx', 'v'), child('fvBD', 'b', bound)));
      const reset = { fvRsCtx: { attributes: { status: 'deleted' } } };
      assert.deepEqual(await said('uni/tn-t', child('fvBD', 'b', reset)), [
        'fvBD uni/tn-t/BD-b - [fvRsCtx rsctx modified]',
      ]);
    });

    it('hide changes below an unchanged infraInfra, as an APIC does, and below no other root', async () => {
      const policy = (name: string): unknown => child('cdpIfPol', name);
      const wrapped = { infraInfra: { attributes: {}, children: [policy('one')] } };
      assert.deepEqual(await said('uni/infra', wrapped), []);
      assert.ok(mock.object('uni/infra/cdpIfP-one'));
      assert.deepEqual(await said('uni/infra', policy('two')), ['cdpIfPol uni/infra/cdpIfP-two created']);
      const [root = ''] = await said('uni', { polUni: { attributes: {}, children: [child('fvTenant', 'p')] } });
      assert.match(root, /^polUni uni - \[fvTenant tn-p created/);
    });

    it('name a deleted object, and not what was below', async () => {
      await post('uni', child('fvTenant', 't', child('fvAp', 'a')));
      const gone = await client.http.delete('/api/mo/uni/tn-t.json?rsp-subtree=modified');
      assert.deepEqual(
        objectsOf(gone).map(({ status, dn }) => `${status} ${dn}`),
        ['deleted uni/tn-t'],
      );
      assert.deepEqual((await client.http.delete<Reply>('/api/mo/uni/tn-t.json?rsp-subtree=modified')).data.imdata, []);
    });
  });
}

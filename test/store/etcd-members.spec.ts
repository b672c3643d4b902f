import assert from 'node:assert/strict';
import type { PolicyStore } from '#ports';
import { etcdPolicyStore } from '#store';
import { type EtcdMembers, startEtcdMembers } from '#support/etcd-members';
import { ETCD } from '#support/etcd-server';
import { eventually } from '#support/eventually';
import { describeWith } from '#support/requirement';
import { policyOf, RecordingSink } from './policy-store-contract.js';

describeWith([ETCD], 'store: etcd of several members', () => {
  let members: EtcdMembers;
  let store: PolicyStore;

  before(async () => {
    members = await startEtcdMembers();
    store = etcdPolicyStore({ endpoints: [members.endpoint], clusterId: 'c1' });
  });
  after(async () => {
    await store.close();
    await members.stop();
  });

  it('does not take the silence of a member that lost the others for no news', async () => {
    const publish = (revision: string) =>
      eventually(() => store.put(policyOf('n1', revision)), { withinMs: 20_000, everyMs: 200 });
    await publish('r1');
    const stop = new AbortController();
    const sink = new RecordingSink();
    const watching = store.watch('n1', sink, stop.signal);
    await eventually(() => assert.deepEqual(sink.revisions, ['r1']));
    members.pauseOthers();
    await eventually(() => assert.match(sink.troubles.at(-1) ?? '', /etcd at http:.*no leader/), 20_000);
    members.resumeOthers();
    await publish('r2');
    await eventually(() => assert.deepEqual(sink.revisions, ['r1', 'r2']), 10_000);
    await eventually(() => assert.equal(sink.troubles.at(-1), undefined), 10_000);
    stop.abort();
    await watching;
  }).timeout(90_000);
});

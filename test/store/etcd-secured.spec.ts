import assert from 'node:assert/strict';
import { getChannelzHandlers } from '@grpc/grpc-js';
import { Etcd3 } from 'etcd3';
import { generate } from 'selfsigned';
import type { PolicyStore } from '#ports';
import { type EtcdPolicyStoreOptions, etcdPolicyStore, StoreUnreachableError } from '#store';
import { ETCD, type EtcdServer, startEtcd } from '#support/etcd-server';
import { eventually } from '#support/eventually';
import { describeWith } from '#support/requirement';
import { policyOf, RecordingSink } from './policy-store-contract.js';

const PASSWORD = 'a-password-for-this-test';

/** A certificate for loopback that is its own authority. */
async function certificate(): Promise<{ readonly certificate: string; readonly key: string }> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'etcd' }], {
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  return { certificate: cert, key };
}

/** Channels that the gRPC library holds, open or not. */
function openChannels(): number {
  let count = Number.NaN;
  const call = { request: { start_channel_id: '0', max_results: '100000' } };
  getChannelzHandlers().GetTopChannels(call as never, (_, answer) => {
    count = (answer as { readonly channel: readonly unknown[] }).channel.length;
  });
  return count;
}

describeWith([ETCD], 'store: etcd over TLS, with a password', () => {
  let server: EtcdServer;
  let ca: string;
  const stores: PolicyStore[] = [];

  const open = (options: Partial<EtcdPolicyStoreOptions>): PolicyStore => {
    const store = etcdPolicyStore({ endpoints: [server.endpoint], clusterId: 'c1', ...options });
    stores.push(store);
    return store;
  };

  before(async () => {
    const own = await certificate();
    ca = own.certificate;
    server = await startEtcd(own);
    const admin = new Etcd3({ hosts: server.endpoint, credentials: { rootCertificate: Buffer.from(ca) } });
    await admin.role('root').create();
    await admin.user('root').create(PASSWORD);
    await admin.user('root').addRole('root');
    await admin.auth.authEnable();
    admin.close();
  });
  after(async () => {
    for (const store of stores) await store.close();
    await server?.stop();
  });

  const right = { username: 'root', password: PASSWORD };

  it('works with the authority and the password', async () => {
    const store = open({ tls: { ca }, credentials: right });
    await store.put(policyOf('n1', 'r1'));
    assert.equal((await store.get('n1'))?.revision, 'r1');
    const stop = new AbortController();
    const sink = new RecordingSink();
    const watching = store.watch('n1', sink, stop.signal);
    await eventually(() => assert.deepEqual(sink.revisions, ['r1']));
    await store.put(policyOf('n1', 'r2'));
    await eventually(() => assert.deepEqual(sink.revisions, ['r1', 'r2']));
    stop.abort();
    await watching;
  });

  it('does not talk to a server that the authority does not vouch for', async () => {
    const other = await certificate();
    const store = open({ tls: { ca: other.certificate }, credentials: right });
    await assert.rejects(store.get('n1'), StoreUnreachableError);
  }).timeout(40_000);

  it('does not talk to a server of an unknown authority when none is given', async () => {
    await assert.rejects(open({ credentials: right }).get('n1'), StoreUnreachableError);
  }).timeout(40_000);

  it('takes a password and an authority that were changed meanwhile', async () => {
    const admin = new Etcd3({
      hosts: server.endpoint,
      credentials: { rootCertificate: Buffer.from(ca) },
      auth: { username: 'root', password: PASSWORD },
    });
    const user = admin.user('changing');
    await user.create('before');
    await user.addRole('root');
    let password = 'before';
    let authority = (await certificate()).certificate;
    const store = open({
      tls: { ca: () => authority },
      credentials: { username: 'changing', password: () => password },
    });
    const publish = (revision: string) =>
      eventually(() => store.put(policyOf('n1', revision)), { withinMs: 20_000, everyMs: 200 });
    await assert.rejects(store.put(policyOf('n1', 'untrusted')), StoreUnreachableError);
    authority = ca;
    await publish('trusted');
    // A new password makes what was granted by the old one void.
    await user.setPassword('after');
    password = 'after';
    await publish('changed');
    assert.equal((await store.get('n1'))?.revision, 'changed');
    admin.close();
  }).timeout(60_000);

  it('logs in anew when etcd does not know the login any more, and nobody notices', async () => {
    const store = open({ tls: { ca }, credentials: right });
    await store.put(policyOf('n2', 'r1'));
    const admin = new Etcd3({
      hosts: server.endpoint,
      credentials: { rootCertificate: Buffer.from(ca) },
      auth: { username: 'root', password: PASSWORD },
    });
    // Makes all that was granted void, also where the password is the same.
    await admin.user('root').setPassword(PASSWORD);
    admin.close();
    await store.put(policyOf('n2', 'r2'));
    assert.equal((await store.get('n2'))?.revision, 'r2');
    await Promise.all(['n3', 'n4', 'n5'].map((node) => store.put(policyOf(node, 'r1'))));
  });

  it('leaves nothing behind of tries to log in while etcd is away', async () => {
    const endpoints = ['https://127.0.0.1:9'];
    const store = open({ endpoints, tls: { ca }, credentials: right });
    const stop = new AbortController();
    const sink = new RecordingSink();
    const before = openChannels();
    const watching = store.watch('n1', sink, stop.signal);
    for (let tries = 0; tries < 5; tries += 1) await assert.rejects(store.get('n1'), StoreUnreachableError);
    stop.abort();
    await watching;
    await eventually(() => assert.equal(openChannels(), before));
  }).timeout(40_000);

  it('says so when the password is wrong, without the password', async () => {
    const store = open({ tls: { ca }, credentials: { username: 'root', password: 'a-wrong-password' } });
    await assert.rejects(store.get('n1'), (error: unknown) => {
      assert.ok(error instanceof StoreUnreachableError);
      assert.match(error.message, /etcd at https:.*(authentication|password)/i);
      assert.doesNotMatch(error.message, /a-wrong-password/);
      return true;
    });
  });
});

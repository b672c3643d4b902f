import assert from 'node:assert/strict';
import axios from 'axios';
import type { FabricSync, GatewayStatus, ObjectSync } from '#ports';
import { ApicRest } from '#support/apic-client';
import { readEvents } from '#support/event-stream';
import { eventually } from '#support/eventually';
import { type GatewayStack, inOneProcess } from '#support/gateway-stack';
import { runAcigw } from '#support/run-command';

const NAMESPACES = '/api/v1/namespaces';
const POLICIES = '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies';
const SOON = { withinMs: 5000, everyMs: 20 };

const pod = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'none' }] },
});

const policy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { podSelector: {}, ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 80 }] }] },
};

describe('the state API', () => {
  let stack: GatewayStack;

  const create = (path: string, body: object): Promise<unknown> => axios.post(`${stack.kubernetesUrl}${path}`, body);
  const sync = async <Answer>(params: Readonly<Record<string, string>> = {}): Promise<Answer> =>
    (await axios.get<Answer>(`${stack.gatewayUrl()}/api/v1/sync`, { params })).data;
  const converged = () =>
    eventually(async () => {
      const { data } = await axios.get<GatewayStatus>(`${stack.gatewayUrl()}/api/v1/status`);
      assert.ok(data.converged, data.waitingFor.join());
    }, SOON);

  beforeEach(async () => {
    stack = await inOneProcess.start();
    await create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    await create(`${NAMESPACES}/shop/pods`, pod('web-1'));
    await create(POLICIES, policy);
    await eventually(async () => {
      const { fabric } = await sync<ObjectSync>({ object: 'NetworkPolicy/shop/web' });
      assert.ok(fabric.length > 0 && fabric.every(({ phase }) => phase === 'equal'), JSON.stringify(fabric));
    }, SOON);
    await converged();
  });

  afterEach(() => stack.stop());

  it('says of each object where it is: policy, pod, node, namespace, and object of the fabric', async () => {
    assert.deepEqual(await sync(), []);
    const asked = await sync<ObjectSync>({ object: 'NetworkPolicy/shop/web' });
    const [contract] = asked.fabric;
    assert.equal(contract?.className, 'vzBrCP');
    assert.deepEqual(await sync({ dn: `${contract?.dn}/subj-flows` }), contract);
    const found = await sync<ObjectSync>({ object: 'Pod/shop/web-1' });
    assert.equal(found.group?.epg, found.fabric[0]?.dn);
    assert.equal(found.node?.published, true);
    const node = await sync<ObjectSync>({ object: `Node/${found.node?.name}` });
    assert.deepEqual([node.phase, node.node?.published, node.fabric], ['equal', true, []]);
    const namespace = await sync<ObjectSync>({ object: 'Namespace/shop' });
    assert.deepEqual(namespace.findings, []);
  });

  it('answers 404 for what nobody knows, and 400 for two questions at once', async () => {
    const status = async (params: Readonly<Record<string, string>>): Promise<number> => {
      const answer = await axios.get(`${stack.gatewayUrl()}/api/v1/sync`, { params, validateStatus: () => true });
      return answer.status;
    };
    assert.equal(await status({ object: 'NetworkPolicy/shop/nobody' }), 404);
    assert.equal(await status({ object: 'nonsense' }), 404);
    assert.equal(await status({ dn: 'uni/tn-other' }), 404);
    assert.equal(await status({ dn: 'uni/tn-k8s-test/ap-k8s-test/epg-gone' }), 404);
    assert.equal(await status({ dn: 'uni', object: 'Pod/a/b' }), 400);
  });

  it('says why an object is not there, and of one that the APIC refuses what it said', async () => {
    const apic = await ApicRest.login(stack.apicUrl);
    const taken = 'uni/tn-k8s-test/ap-k8s-test/epg-late';
    await apic.post(taken, { fvAEPg: { attributes: { name: 'late' } } });
    await create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'late' } });
    await eventually(async () => {
      const { phase, fabric } = await sync<ObjectSync>({ object: 'Namespace/late' });
      assert.equal(phase, 'taken');
      assert.match(fabric[0]?.why.join() ?? '', /carries no mark of this gateway/);
    }, SOON);
    const open = await sync<readonly FabricSync[]>();
    assert.ok(open.some(({ dn, phase }) => dn === taken && phase === 'taken'));
    const { exitCode, stdout } = await runAcigw(['plan', '--gateway', stack.gatewayUrl()]);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^nothing to do, and the fabric is not as it should be: 1 thing stands in the way/);
  });

  it('calls nothing equal that is below an object which an admin has to make', async () => {
    await stack.stop();
    stack = await inOneProcess.start('fabric: { tenant: { name: shared, own: false } }');
    await create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    await eventually(async () => {
      const { phase, fabric } = await sync<ObjectSync>({ object: 'Namespace/shop' });
      assert.equal(phase, 'waiting');
      assert.match(fabric[0]?.why.join() ?? '', /uni\/tn-shared is not there/);
    }, SOON);
    const apic = await ApicRest.login(stack.apicUrl);
    await apic.post('uni/tn-shared', { fvTenant: { attributes: { name: 'shared' } } });
    await eventually(
      async () => assert.equal((await sync<ObjectSync>({ object: 'Namespace/shop' })).phase, 'equal'),
      SOON,
    );
  });

  it('is what the command line shows, of everything and of one object', async () => {
    const status = (...args: readonly string[]) => runAcigw(['status', '--gateway', stack.gatewayUrl(), ...args]);
    const all = await status();
    assert.equal(all.exitCode, 0, all.stderr);
    assert.match(all.stdout, /^converged at revision \d+\n\d+ groups, \d+ contracts/);
    const one = await status('NetworkPolicy/shop/web', '--output', 'json');
    assert.equal(one.exitCode, 0, one.stderr);
    const shown = JSON.parse(one.stdout) as ObjectSync & { readonly schema: string };
    assert.deepEqual([shown.schema, shown.phase, shown.fabric[0]?.className], ['acigw.status/v1', 'equal', 'vzBrCP']);
    const nobody = await status('NetworkPolicy/shop/nobody');
    assert.deepEqual([nobody.exitCode, nobody.stdout], [1, '']);
    assert.match(nobody.stderr, /nobody knows the object 'NetworkPolicy\/shop\/nobody'; expected KIND/);
    const apic = await ApicRest.login(stack.apicUrl);
    await apic.post('uni/tn-k8s-test/ap-k8s-test/epg-late', { fvAEPg: { attributes: { name: 'late' } } });
    await create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'late' } });
    await eventually(
      async () => assert.equal((await sync<ObjectSync>({ object: 'Namespace/late' })).phase, 'taken'),
      SOON,
    );
    const taken = await status('Namespace/late');
    assert.equal(taken.exitCode, 3);
    assert.match(taken.stdout, /^Namespace\/late: taken\n/);
    const away = await runAcigw(['status', '--gateway', 'http://127.0.0.1:1']);
    assert.equal(away.exitCode, 1);
  }).timeout(60_000);

  it('tells of changes as they are made, and all of it to whoever comes late', async () => {
    const events = await readEvents(`${stack.gatewayUrl()}/api/v1/events`);
    try {
      const first = await events.next('status');
      assert.equal((first as GatewayStatus).converged, true);
      await events.next('open');
      await events.next('findings');
      await create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'more' } });
      const { groups } = first as GatewayStatus;
      let seen = first as GatewayStatus;
      while (seen.groups === groups || !seen.converged) seen = (await events.next('status')) as GatewayStatus;
      assert.equal(seen.groups, groups + 1);
      const late = await readEvents(`${stack.gatewayUrl()}/api/v1/events`);
      assert.equal(((await late.next('status')) as GatewayStatus).groups, seen.groups);
      late.close();
    } finally {
      events.close();
    }
  });

  it('ends its streams when the gateway stops', async () => {
    const events = await readEvents(`${stack.gatewayUrl()}/api/v1/events`);
    await events.next('status');
    await stack.restartGateway();
    await events.ended;
  });
});

import assert from 'node:assert/strict';
import { createApicClient } from '#apic';
import { type ApicMock, startApicMock } from '#apic-mock';
import { driftSettings, fabricSettings, parseConfiguration } from '#config';
import { type KubeMock, startKubeMock } from '#kube-mock';
import { clusterSource } from '#kubernetes';
import type { FlatObject } from '#model/aci';
import type { Finding } from '#model/policy';
import type { ClusterEvent } from '#ports';
import { silentLogger, systemClock } from '#runtime';
import { memoryPolicyStore } from '#store';
import { ApicRest } from '#support/apic-client';
import { eventually } from '#support/eventually';
import { allowWeb, shopPod } from '#support/web-shop';
import { createGateway, type Gateway, gatewayQueue } from '#workers';

const GATEWAY = { name: 'acigw', password: 'secret-of-the-gateway' };
const BOB = { name: 'bob', password: 'secret-of-bob' };

const TENANT = 'uni/tn-k8s-test';
const EPG = `${TENANT}/ap-k8s-test/epg-shop`;
const FILTER = `${TENANT}/flt-f-tcp-80`;

const SHOP = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  shopPod('web'),
  shopPod('client'),
  allowWeb(80),
];

describe('end to end: drift', () => {
  let kube: KubeMock;
  let apic: ApicMock;
  let bob: ApicRest;
  let gateway: Gateway;
  let events: ClusterEvent[];
  let stop: () => Promise<void>;
  /** Milliseconds by which the gateway believes that time has gone on. */
  let later: number;

  /** A gateway of its own user, with these rules. */
  async function startGateway(rules = ''): Promise<void> {
    const text = `clusterId: test\ndrift: { rules: [${rules}] }\n`;
    const configuration = parseConfiguration('test', text);
    const shared = { log: silentLogger, clock: systemClock(), random: Math.random };
    const client = createApicClient({
      urls: [apic.url],
      user: GATEWAY.name,
      password: GATEWAY.password,
      timeoutMs: 5000,
      refreshTimeoutSeconds: 60,
      ...shared,
    });
    events = [];
    later = 0;
    gateway = createGateway({
      settings: fabricSettings(configuration),
      drift: driftSettings(configuration),
      foreignEpgs: [],
      mergeAfterMs: 0,
      restForMs: 0,
      cluster: clusterSource({ target: { url: kube.url }, ...shared }),
      events: { tell: (event) => void events.push(event) },
      apic: client,
      store: memoryPolicyStore(),
      queue: gatewayQueue(shared),
      clock: {
        ...shared.clock,
        now: () => shared.clock.now() + later,
        uptime: () => shared.clock.uptime() + later,
      },
      log: silentLogger,
    });
    const stopping = new AbortController();
    const done = gateway.run(stopping.signal);
    stop = async () => {
      stopping.abort(new Error('the test is over'));
      await done;
    };
    await converged();
  }

  const converged = (): Promise<void> =>
    eventually(() => assert.ok(gateway.state.status().converged, gateway.state.status().waitingFor.join()), 10_000);
  const drift = (): readonly Finding[] => gateway.state.findings().filter(({ code }) => code.startsWith('DRIFT'));
  /** What the gateway decides of: resolved filters (`fp-`) and back relations are the APIC's own. */
  const essence = (objects: readonly FlatObject[]): readonly string[] =>
    objects
      .filter(({ className, dn }) => /^(fv|vz|l3ext|tag)/.test(className) && !/Rt/.test(className) && !/\/fp-/.test(dn))
      .map(({ dn, attributes: { descr, dToPort, pcEnfPref, value } }) =>
        [dn, descr, dToPort, pcEnfPref, value].join(' '),
      )
      .sort();
  const written = (): number => gateway.state.status().apicRequests.writes;

  beforeEach(async () => {
    kube = await startKubeMock();
    kube.apply(SHOP);
    apic = await startApicMock({ tls: { mode: 'none' }, users: [GATEWAY, BOB] });
    bob = await ApicRest.login(apic.url, BOB);
  });

  afterEach(async () => {
    await stop();
    await apic.stop();
    await kube.stop();
  });

  it('puts back what an admin deletes, says who it was and when, and tells the policy that it was for', async () => {
    await startGateway();
    const [contract] = apic
      .objects('vzBrCP')
      .map(({ dn }) => dn)
      .filter((dn) => dn.endsWith('_tcp-80'));
    assert.ok(contract !== undefined);
    const before = essence(await bob.subtree(TENANT));
    const from = Date.now();
    await bob.delete(contract);
    await eventually(async () => assert.deepEqual(essence(await bob.subtree(TENANT)), before), 1000);
    const told = await eventually(() => events[0] ?? assert.fail('no event'));
    assert.deepEqual([told.object, told.reason, events.length], ['NetworkPolicy/shop/allow-web', 'DriftRepaired', 1]);
    const [, who, when = ''] = /the object was deleted \((\w+), (.*)\); put back$/.exec(told.message) ?? [];
    assert.equal(who, BOB.name);
    assert.ok(Date.parse(when) >= from - 1000 && Date.parse(when) <= Date.now() + 1000, when);
    assert.deepEqual(
      drift().map(({ code, severity, object }) => [code, severity, object]),
      [['DRIFT', 'info', `ACI/${contract}`]],
    );
  });

  it('tells who changed a value, also where the admin uses the login of the gateway', async () => {
    await startGateway();
    const shared = await ApicRest.login(apic.url, GATEWAY);
    await bob.post(`${FILTER}/e-f-tcp-80`, { vzEntry: { attributes: { dToPort: '81' } } });
    await eventually(() => assert.match(drift()[0]?.message ?? '', /^dToPort is '81', .* \(bob, .*; put back$/));
    await shared.post(EPG, { fvAEPg: { attributes: { pcEnfPref: 'enforced' } } });
    await eventually(() =>
      assert.ok(drift().some(({ message }) => /^pcEnfPref is 'enforced'.* \(acigw, .*; put back$/.test(message))),
    );
    await converged();
    assert.equal((await bob.object(EPG))?.attributes['pcEnfPref'], 'unenforced');
  });

  it('adopts the text of an admin, through a restart that writes nothing', async () => {
    await startGateway();
    await bob.post(EPG, { fvAEPg: { attributes: { descr: 'the shop of Ann' } } });
    await eventually(() => assert.match(drift()[0]?.message ?? '', /\(bob, .*\); adopted as what is wanted$/));
    await stop();
    await startGateway();
    await eventually(() => assert.match(drift()[0]?.message ?? '', /\(bob, .*\); adopted as what is wanted$/));
    assert.equal(written(), 0);
    assert.equal((await bob.object(EPG))?.attributes['descr'], 'the shop of Ann');
  });

  it('report: leaves an EPG deleted, writes nothing below it, and says what that may do', async () => {
    await startGateway('{ class: fvAEPg, field: deleted, policy: report }');
    const before = written();
    await bob.delete(EPG);
    const [finding] = await eventually(() => {
      assert.match(drift()[0]?.message ?? '', /\(bob, /);
      return drift();
    });
    assert.equal(finding?.severity, 'warning');
    assert.match(finding?.message ?? '', /left as it is \(drift policy report\).*may block what policies allow$/);
    assert.deepEqual([events[0]?.object, events[0]?.reason], ['Namespace/shop', 'DriftReported']);
    await converged();
    assert.equal(written(), before);
    assert.equal(await bob.object(EPG), undefined);
  });

  for (const minutes of [0, 2]) {
    it(`brings a rollback of the APIC up to date ${minutes} minutes after the last write, whatever the policies say`, async () => {
      await startGateway('{ class: "*", policy: report }');
      const snapshot = apic.snapshot();
      kube.apply([allowWeb(8443)]);
      await eventually(async () => assert.ok(await bob.object(`${TENANT}/flt-f-tcp-8443`)));
      await eventually(async () => assert.equal(await bob.object(FILTER), undefined));
      await converged();
      const newest = essence(await bob.subtree(TENANT));
      later = minutes * 60_000;
      apic.restore(snapshot);
      assert.notDeepEqual(essence(await bob.subtree(TENANT)), newest);
      await eventually(async () => assert.deepEqual(essence(await bob.subtree(TENANT)), newest), 5000);
      await converged();
      assert.deepEqual(events, []);
      // What was written within the last minute may as well be an event that came late.
      const objects = drift().map(({ object }) => object);
      assert.deepEqual(objects, minutes === 0 ? [] : ['Fabric/test']);
    });
  }

  it('repairs while the audit log cannot be read', async () => {
    await startGateway();
    apic.failNext(100, 400, { method: 'GET', urlContains: 'aaaModLR', text: 'no rights' });
    await bob.post(EPG, { fvAEPg: { attributes: { pcEnfPref: 'enforced' } } });
    await eventually(() =>
      assert.match(events[0]?.message ?? '', /pcEnfPref is 'enforced', .* 'unenforced'; put back$/),
    );
    assert.equal((await bob.object(EPG))?.attributes['pcEnfPref'], 'unenforced');
  });
}).timeout(30_000);

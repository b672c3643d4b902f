import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { createApicClient } from '#apic';
import { type ApicMock, startApicMock } from '#apic-mock';
import { type KubeMock, startKubeMock } from '#kube-mock';
import { clusterSource } from '#kubernetes';
import { DEFAULT_APPLY_SETTINGS, DEFAULT_DRIFT } from '#model/settings';
import { NO_EVENTS } from '#ports';
import { silentLogger, systemClock } from '#runtime';
import { memoryPolicyStore } from '#store';
import { eventually } from '#support/eventually';
import { APIC_USER } from '#support/gateway-stack';
import { OWN_FABRIC } from '#support/settings';
import { allowWeb, shopPod } from '#support/web-shop';
import { createGateway, gatewayQueue } from '#workers';

const FIRST_PORT = 9000;
/** Milliseconds between two changes, and that the APIC takes for an answer: each plan is overtaken before its end. */
const CHANGE_MS = 100;
const SLOW_MS = 250;

describe('end to end: a cluster that changes faster than the APIC answers', () => {
  let kube: KubeMock;
  let apic: ApicMock;
  const stopping = new AbortController();

  beforeEach(async () => {
    kube = await startKubeMock();
    kube.apply([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
      shopPod('web'),
      shopPod('client'),
      allowWeb(FIRST_PORT),
    ]);
    apic = await startApicMock({ tls: { mode: 'none' }, users: [APIC_USER] });
  });
  afterEach(async () => {
    await apic.stop();
    await kube.stop();
  });

  it('takes away what nobody wants all the same: after a while changes wait for a plan to come to its end', async () => {
    const means = { log: silentLogger, clock: systemClock(), random: Math.random };
    /** Milliseconds by which the gateway believes that time has gone on. */
    let later = 0;
    const { name: user, password } = APIC_USER;
    const client = createApicClient({
      urls: [apic.url],
      user,
      password,
      timeoutMs: 5000,
      refreshTimeoutSeconds: 60,
      ...means,
    });
    const gateway = createGateway({
      settings: OWN_FABRIC,
      apply: { ...DEFAULT_APPLY_SETTINGS, approval: { maxDeletes: 1e6, maxDeleteShare: 1, shareCountsFrom: 0 } },
      drift: DEFAULT_DRIFT,
      foreignEpgs: [],
      mergeAfterMs: 0,
      restForMs: 0,
      events: NO_EVENTS,
      cluster: clusterSource({ target: { url: kube.url }, ...means }),
      apic: client,
      store: memoryPolicyStore(),
      queue: gatewayQueue(means),
      ...means,
      clock: { ...means.clock, uptime: () => means.clock.uptime() + later },
    });
    const done = gateway.run(stopping.signal);
    await eventually(() => assert.ok(gateway.state.status().converged), 10_000);
    apic.plan({ latencyMilliseconds: SLOW_MS });
    let port = FIRST_PORT;
    const timer = setInterval(() => {
      port += 1;
      kube.apply([allowWeb(port)]);
    }, CHANGE_MS);
    const openPorts = (): number => apic.objects('vzFilter').filter(({ dn }) => /\/flt-f-tcp-9/.test(dn)).length;
    try {
      await delay(4000);
      assert.ok(
        openPorts() > 4,
        `${openPorts()} of ${port - FIRST_PORT} ports: nothing is taken away by plans that are overtaken`,
      );
      later = 10_000;
      await eventually(() => assert.ok(openPorts() <= 2, `${openPorts()} ports`), 10_000);
      assert.ok(port < FIRST_PORT + 999);
    } finally {
      clearInterval(timer);
      apic.endFaults();
      stopping.abort(new Error('the test is over'));
      await done;
    }
  }).timeout(60_000);
});

import assert from 'node:assert/strict';
import { createApicClient } from '#apic';
import { type ApicMock, startApicMock } from '#apic-mock';
import type { ApicPort } from '#ports';
import { silentLogger, systemClock } from '#runtime';
import { desiredStateOf } from '#support/desired-state';
import { APIC_USER } from '#support/gateway-stack';
import { OWN_FABRIC } from '#support/settings';
import { ApplyWorker } from '../../workers/apply-worker.js';
import { directPoster } from '../../workers/batch-poster.js';
import type { DesiredState } from '../../workers/desired-state.js';
import { FabricMirror } from '../../workers/fabric-mirror.js';

const desiredFor = (...names: readonly string[]): DesiredState =>
  desiredStateOf({
    namespaces: names.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
  });

describe('apply worker: a POST that waits before it is sent', () => {
  const { signal } = new AbortController();
  let apic: ApicMock;
  let client: ApicPort;

  beforeEach(async () => {
    apic = await startApicMock({ tls: { mode: 'none' }, users: [APIC_USER] });
    client = createApicClient({
      urls: [apic.url],
      user: APIC_USER.name,
      password: APIC_USER.password,
      timeoutMs: 5000,
      refreshTimeoutSeconds: 60,
      log: silentLogger,
      clock: systemClock(),
      random: Math.random,
    });
  });
  afterEach(async () => {
    await client.close();
    await apic.stop();
  });

  for (const [what, change] of [
    ['something else is wanted', (): DesiredState => desiredFor('one', 'two')],
    ['the picture of the fabric is lost', undefined],
  ] as const) {
    it(`is not made any more when ${what} by then`, async () => {
      const fabric = new FabricMirror(() => undefined, silentLogger);
      const before = desiredFor('one', 'two');
      fabric.replaced([...before.objects.values()]);
      let desired = desiredFor('one');
      const worker = new ApplyWorker({
        poster: directPoster(client),
        fabric,
        desired: () => desired,
        settings: OWN_FABRIC,
        clock: systemClock(),
        log: silentLogger,
      });
      // It has to log in first.
      const run = worker.run(signal);
      if (change === undefined) fabric.lost('the socket was closed');
      else desired = change();
      await run;
      assert.equal(client.requests().writes, 0);
      assert.deepEqual(worker.findings, []);
    });
  }
});

import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { type ApicMock, startApicMock } from '#apic-mock';
import { managedObject } from '#model/aci';
import type { ApicPort } from '#ports';
import { eventually } from '#support/eventually';
import { type ClientOptions, forever, SetUp, TENANTS } from './client-set-up.js';
import { RecordingSink } from './recording-sink.js';
import { loadSigningUser } from './signing-user.js';
import { WireTap } from './wire-tap.js';

const PASSWORD = 'hush-hush-password';
const USER = { name: 'gateway', password: PASSWORD };

/** A client's life with everything that can go wrong in it; gives whatever was thrown or told. */
async function eventfulLife(mock: ApicMock, client: ApicPort): Promise<readonly unknown[]> {
  const told: unknown[] = [];
  const sink = new RecordingSink();
  const stop = new AbortController();
  const watching = client.watch([TENANTS], sink, stop.signal);
  const lists = (): number => sink.told.filter((line) => line.startsWith('replaced')).length;
  let count = 0;
  const post = async (): Promise<void> => {
    count += 1;
    try {
      await client.post('uni', managedObject('fvTenant', { name: `t${count}` }), forever);
    } catch (error) {
      told.push(error);
    }
  };
  await eventually(() => assert.equal(lists(), 1));
  const failures = [
    () => mock.failNext(1, 403, { urlContains: '/api/mo' }),
    () =>
      mock.plan({ failures: ['/api/mo', 'aaaRefresh'].map((urlContains) => ({ times: 1, status: 403, urlContains })) }),
    () => mock.failNext(1, 400, { method: 'POST', urlContains: '/api/mo', text: 'no' }),
    () => mock.failNext(1, 503, { urlContains: '/api/mo' }),
    () => mock.plan({ failures: [{ times: 1, status: 503, urlContains: '/api/mo', html: true }] }),
    () => mock.failNext(1, 405, { urlContains: 'subscription=yes' }),
    () => mock.killSockets(),
    () => mock.expireTokens(),
    () => mock.expireSubscriptions(),
  ];
  for (const fails of failures) {
    fails();
    await post();
    mock.killSockets();
    await eventually(async () => {
      await post();
      assert.ok(sink.mirror.has(`uni/tn-t${count}`));
    }, 20_000);
  }
  await mock.failController(0);
  await post();
  await mock.recoverController(0);
  await eventually(async () => {
    await post();
    assert.ok(sink.mirror.has(`uni/tn-t${count}`));
  }, 20_000);
  stop.abort();
  await watching;
  await client.close();
  return [...told, ...sink.reasons];
}

/** None of the secrets is in the log at its lowest level, nor anywhere in what was thrown, causes and all. */
function assertSilent(setUp: SetUp, told: readonly unknown[], secrets: Iterable<string>): void {
  const seen = [...setUp.logged, ...told.map((one) => inspect(one, { depth: 20, showHidden: true }))].join('\n');
  for (const secret of secrets) {
    assert.ok(secret.length > 8);
    for (const spelled of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
      assert.ok(
        !seen.includes(spelled),
        `a secret was told: ${seen.slice(Math.max(0, seen.indexOf(spelled) - 300)).slice(0, 400)}`,
      );
    }
  }
  assert.doesNotMatch(seen, /APIC-cookie|APIC-Request-Signature|APIC-WebSocket-Session|\/socket[A-Za-z0-9+/]/i);
  assert.doesNotMatch(seen, /PRIVATE KEY/);
}

describe('apic: what nobody may read', () => {
  const setUp = new SetUp();
  let mock: ApicMock;
  let tap: WireTap;
  beforeEach(async () => {
    setUp.logged.length = 0;
    mock = await startApicMock({ tls: { mode: 'none' }, users: [USER] });
    tap = await new WireTap(mock.url).start();
  });
  afterEach(async () => {
    await setUp.close();
    await tap.stop();
    await mock.stop();
  });
  const live = (options: ClientOptions): Promise<readonly unknown[]> =>
    eventfulLife(mock, setUp.client(tap.url, { refreshTimeoutSeconds: 1, ...options }));

  it('is neither logged nor thrown in a life with a password', async () => {
    const told = await live({ password: PASSWORD });
    assert.ok(tap.secrets.size >= 3, 'several tokens');
    assertSilent(setUp, told, [PASSWORD, ...tap.secrets]);
  }).timeout(90_000);

  it('is neither logged nor thrown in a life with a certificate', async () => {
    const { certificate } = await loadSigningUser(mock, USER.name);
    const told = await live({ password: undefined, certificate });
    assert.ok(tap.secrets.size >= 20, 'a signature for each request');
    assertSilent(setUp, told, [...certificate.key.trim().split('\n').slice(1, -1), ...tap.secrets]);
  }).timeout(90_000);

  it('is neither logged nor thrown when the login is refused', async () => {
    const api = setUp.client(tap.url, { password: 'hush-hush-wrong-one' });
    const { key } = (await loadSigningUser(mock, USER.name)).certificate;
    const signer = setUp.client(tap.url, { password: undefined, certificate: { name: 'other', key } });
    const told: unknown[] = [];
    for (const client of [api, signer]) {
      await client.list(TENANTS, forever).catch((error: unknown) => told.push(error));
    }
    assert.equal(told.length, 2);
    assert.ok(tap.secrets.size >= 1);
    assertSilent(setUp, told, ['hush-hush-wrong-one', ...tap.secrets]);
  });
});

import axios from 'axios';
import type { Snapshot } from '#apic-mock';
import { APIC_USER } from '#support/gateway-stack';
import { type ChaosStack, CLUSTER, TENANT } from './chaos-stack.js';
import type { Dice } from './dice.js';

/** What something that goes wrong may use. */
export interface MischiefContext {
  readonly stack: ChaosStack;
  readonly dice: Dice;
  /** A state that the fabric was in some time ago. */
  readonly past: Snapshot;
}

/** Something that goes wrong. */
export interface Mischief {
  readonly name: string;
  /** Whether it breaks the fabric by itself, so that connections may suffer until that is repaired. */
  readonly breaks?: true;
  readonly make: (context: MischiefContext) => Promise<void> | void;
}

const apicTroubles: readonly Mischief[] = [
  {
    name: 'APIC slow',
    make: ({ stack, dice }) => stack.apic.plan({ latencyMilliseconds: dice.between(5, 60) }),
  },
  {
    name: 'APIC busy (503)',
    make: ({ stack, dice }) => stack.apic.plan({ failures: [{ times: dice.between(1, 5), status: 503 }] }),
  },
  {
    name: 'APIC throttles (429)',
    make: ({ stack, dice }) => stack.apic.plan({ failures: [{ times: dice.between(1, 3), status: 429 }] }),
  },
  {
    name: 'proxy page instead of an answer (502)',
    make: ({ stack, dice }) => stack.apic.plan({ failures: [{ times: dice.between(1, 3), status: 502, html: true }] }),
  },
  {
    name: 'writes taken and done later (202)',
    make: ({ stack, dice }) => stack.apic.plan({ acceptWrites: dice.between(1, 3), acceptDelayMilliseconds: 50 }),
  },
  { name: 'tokens lost', make: ({ stack }) => stack.apic.expireTokens() },
  { name: 'subscriptions lost', make: ({ stack }) => stack.apic.expireSubscriptions() },
  { name: 'websockets killed', make: ({ stack }) => stack.apic.killSockets() },
  { name: 'events dropped', make: ({ stack, dice }) => stack.apic.plan({ dropEvents: dice.between(1, 5) }) },
  { name: 'events sent twice', make: ({ stack, dice }) => stack.apic.plan({ duplicateEvents: dice.between(1, 5) }) },
  { name: 'events out of order', make: ({ stack, dice }) => stack.apic.plan({ reorderEvents: dice.between(1, 4) }) },
];

const clusterTroubles: readonly Mischief[] = [
  { name: 'Kubernetes watches expired (410)', make: ({ stack }) => stack.kube.expireWatches() },
  { name: 'Kubernetes watches closed', make: ({ stack }) => stack.kube.closeWatches() },
];

const processTroubles: readonly Mischief[] = [
  { name: 'worker killed', make: ({ stack }) => stack.replaceWorker() },
  {
    name: 'controller killed',
    make: async ({ stack }) => {
      await stack.killGateway();
      await stack.startGateway();
    },
  },
  { name: 'Redis flushed', make: ({ stack }) => stack.redis.flush() },
  {
    name: 'Redis restarted, empty',
    make: async ({ stack }) => {
      await stack.redis.kill();
      await stack.redis.start();
    },
  },
  {
    name: 'etcd restarted',
    make: async ({ stack }) => {
      await stack.etcd.kill();
      await stack.etcd.start();
    },
  },
];

/** Shorter than a worker may be away (a second), or so long that another takes over. */
const SUSPENDED_MS = [300, 4000] as const;

/** Something stands still and goes on later, and does not know that it did; the storm goes on meanwhile. */
const suspensions = (['gateway', 'worker', 'redis', 'etcd'] as const).map(
  (name): Mischief => ({
    name: `${name} suspended`,
    make: ({ stack, dice }) => {
      const suspended = stack.suspendable[name];
      suspended?.pause();
      setTimeout(() => suspended?.resume(), dice.between(...SUSPENDED_MS));
    },
  }),
);

/** In the gateway's tenant, or with its cluster id in `common`. */
const OWN_CONTRACT = new RegExp(`^uni/tn-(${TENANT}/brc-|common/brc-${CLUSTER}_)`);

const breakages: readonly Mischief[] = [
  { name: 'fabric rolled back', breaks: true, make: ({ stack, past }) => stack.apic.restore(past) },
  {
    name: 'contract deleted by an admin',
    breaks: true,
    make: async ({ stack, dice }) => {
      const contracts = stack.apic.objects('vzBrCP').filter(({ dn }) => OWN_CONTRACT.test(dn));
      if (contracts.length > 0) await deleteAsAdmin(stack, dice.pick(contracts).dn);
    },
  },
  {
    name: 'EPG edited by an admin',
    breaks: true,
    // At once: an edit that came after the group was deleted would make a group of the admin's own.
    make: ({ stack, dice }) => {
      const groups = stack.apic.objects('fvAEPg').filter(({ dn }) => dn.startsWith(`uni/tn-${TENANT}/ap-${TENANT}/`));
      if (groups.length === 0) return;
      stack.apic.load({ fvAEPg: { attributes: { dn: dice.pick(groups).dn, pcEnfPref: 'enforced' } } });
    },
  },
];

/** Everything that may go wrong. */
export const MISCHIEF: readonly Mischief[] = [
  ...apicTroubles,
  ...clusterTroubles,
  ...processTroubles,
  ...suspensions,
  ...breakages,
];

/** An admin deletes an object, with a session of its own; planned failures may meet the request, and it does not come again. */
async function deleteAsAdmin(stack: ChaosStack, dn: string): Promise<void> {
  const http = axios.create({ baseURL: stack.apic.url, proxy: false, validateStatus: () => true });
  const login = { aaaUser: { attributes: { name: APIC_USER.name, pwd: APIC_USER.password } } };
  const { headers } = await http.post('/api/aaaLogin.json', login);
  const cookie = headers['set-cookie']?.[0]?.split(';')[0];
  if (cookie === undefined) return;
  await http.delete(`/api/mo/${dn}.json`, { headers: { cookie } });
}

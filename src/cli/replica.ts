import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { startStandby } from '#api';
import type { Configuration } from '#config';
import { kubernetesLease } from '#kubernetes';
import type { LeaseStore, Logger } from '#ports';
import { Leadership, systemClock } from '#runtime';
import { EXIT } from './exit-codes.js';
import { clusterTarget, startGateway } from './gateway-process.js';
import { aborted } from './stop-signal.js';

/** Share of the lease after which a request to renew it is given up: with the time to give up it is within the lease. */
const TIMEOUT_SHARE = 1 / 5;
const RELEASE_MS = 5000;

type Election = NonNullable<Configuration['leaderElection']>;

/**
 * Runs one gateway of several: stands by until the lease is its own, then leads, and ends when it does not lead any more, with
 * {@link EXIT.failed}: whoever started it starts it again, to stand by. Prints `standby <url>`, and `ready <url>` when it leads.
 */
export async function runReplica(
  configuration: Configuration & { readonly leaderElection: Election },
  { log, signal }: { readonly log: Logger; readonly signal: AbortSignal },
): Promise<number> {
  const { store, leadership } = electionOf(configuration, log);
  try {
    if (!(await standBy(configuration, leadership, signal))) return EXIT.ok;
    return await lead(configuration, leadership, { log, signal });
  } finally {
    store.close();
  }
}

function electionOf(
  configuration: Configuration & { readonly leaderElection: Election },
  log: Logger,
): { readonly store: LeaseStore; readonly leadership: Leadership } {
  const { namespace, leaseSeconds: seconds } = configuration.leaderElection;
  const place = { namespace, name: `acigw-${configuration.clusterId}`, timeoutMs: seconds * 1000 * TIMEOUT_SHARE };
  const store = kubernetesLease(clusterTarget(configuration), place);
  const identity = `${hostname()}_${randomUUID().slice(0, 8)}`;
  const leadership = new Leadership({ store, identity, seconds, clock: systemClock(), random: Math.random, log });
  return { store, leadership };
}

/** Answers until this process leads; gives false when it was stopped before. */
async function standBy({ api }: Configuration, leadership: Leadership, signal: AbortSignal): Promise<boolean> {
  const standby = await startStandby({ host: api.host, port: api.port, leader: () => leadership.holder });
  process.stdout.write(`standby ${standby.url}\n`);
  try {
    await leadership.acquire(signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  } finally {
    await standby.stop();
  }
}

async function lead(
  configuration: Configuration,
  leadership: Leadership,
  { log, signal }: { readonly log: Logger; readonly signal: AbortSignal },
): Promise<number> {
  const ending = new AbortController();
  // The lease is kept until the last work has ended, also while it is being stopped.
  const kept = leadership.keep(ending.signal);
  try {
    const gateway = await startGateway(configuration, log, process.env, () => leadership.leads);
    process.stdout.write(`ready ${gateway.url}\n`);
    await Promise.race([aborted(signal), gateway.done, kept]);
    await gateway.stop();
    return signal.aborted ? EXIT.ok : EXIT.failed;
  } finally {
    ending.abort(new Error('the gateway has stopped'));
    await kept;
    await leadership.release(AbortSignal.timeout(RELEASE_MS));
  }
}

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { startStandby } from '#api';
import type { Configuration } from '#config';
import { kubernetesLease } from '#kubernetes';
import type { LeaseStore, Logger } from '#ports';
import { atMost, Leadership, systemClock } from '#runtime';
import { EXIT } from './exit-codes.js';
import { clusterTarget, startGateway } from './gateway-process.js';
import { aborted } from './stop-signal.js';

/** Share of the lease after which a request for it is given up, so that there is time for another one. */
const TIMEOUT_SHARE = 1 / 5;
const RELEASE_MS = 5000;
/** Milliseconds for the gateway to end its work in; what does not end then is ended with the process. */
const STOP_MS = 20_000;

type Election = NonNullable<Configuration['leaderElection']>;

/** What a replica runs by. */
interface ReplicaContext {
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * Runs one gateway of several: stands by until the lease is its own, then leads, and ends when it does not lead any more, with
 * {@link EXIT.failed}: whoever started it starts it again, to stand by. Prints `standby <url>`, and `ready <url>` when it leads.
 */
export async function runReplica(
  configuration: Configuration & { readonly leaderElection: Election },
  context: ReplicaContext,
): Promise<number> {
  const { store, leadership } = electionOf(configuration, context.log);
  try {
    return await standByThenLead(configuration, leadership, context);
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
  const means = { clock: systemClock(), random: Math.random, log };
  return { store, leadership: new Leadership({ store, identity, seconds, ...means }) };
}

async function standByThenLead(
  configuration: Configuration,
  leadership: Leadership,
  context: ReplicaContext,
): Promise<number> {
  const { host, port } = configuration.api;
  const standby = await startStandby({
    host,
    port,
    leader: () => leadership.holder,
    trouble: () => leadership.trouble,
  });
  process.stdout.write(`standby ${standby.url}\n`);
  try {
    await leadership.acquire(context.signal);
  } catch (error) {
    await standby.stop();
    await leadership.release(AbortSignal.timeout(RELEASE_MS));
    if (context.signal.aborted) return EXIT.ok;
    throw error;
  }
  const ending = new AbortController();
  // The lease is kept until the last work has ended, also while it is being stopped.
  const kept = leadership.keep(ending.signal);
  try {
    await standby.stop();
    return await lead(configuration, { leadership, kept }, context);
  } finally {
    ending.abort(new Error('the gateway has stopped'));
    await kept;
    await leadership.release(AbortSignal.timeout(RELEASE_MS));
  }
}

async function lead(
  configuration: Configuration,
  { leadership, kept }: { readonly leadership: Leadership; readonly kept: Promise<void> },
  { log, signal }: ReplicaContext,
): Promise<number> {
  const gateway = await startGateway(configuration, log, process.env, () => leadership.leads);
  process.stdout.write(`ready ${gateway.url}\n`);
  await Promise.race([aborted(signal), gateway.done, kept]);
  let hasStopped = false;
  const stopped = gateway.stop().then(() => {
    hasStopped = true;
  });
  await atMost(stopped, STOP_MS, systemClock());
  if (!hasStopped) {
    log.error({ afterMs: STOP_MS }, 'some work does not end; the process ends without it');
    await leadership.release(AbortSignal.timeout(RELEASE_MS));
    process.exit(EXIT.failed);
  }
  return signal.aborted ? EXIT.ok : EXIT.failed;
}

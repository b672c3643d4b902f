import fastify, { type FastifyInstance } from 'fastify';
import type { GatewayState, Logger, Measure, PlanState, SyncState } from '#ports';
import { serveEvents } from './event-stream.js';
import { type Approvers, mayApprove } from './may-approve.js';
import { METRICS_TYPE, metricsText } from './metrics.js';
import { serveSync } from './sync-routes.js';

/** Where the API listens. */
export interface ApiOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly state: GatewayState;
  readonly sync: SyncState;
  readonly plans: PlanState;
  readonly log: Logger;
  /** Whether this gateway leads, of several; always when not given. */
  readonly leads?: () => boolean;
  /** Figures beside those of the status. */
  readonly measures: () => readonly Measure[];
  /** Milliseconds between signs of life of a stream, in two of which a client has to read something; 15 s when not given. */
  readonly quietMs?: number;
  /** Whoever has it may approve deletions, from wherever; without one, whoever asks from this machine. */
  readonly token?: string | undefined;
}

/** A running API server. */
export interface ApiServer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Serves what the gateway knows: `/metrics` for Prometheus, and as JSON `/healthz` (the process runs), `/readyz` (converged, else 503 with what it waits
 * for), `/api/v1/{status,groups,contracts,findings,sync,plan,approvals}`, and `/api/v1/events` as they change. Reading only, but
 * for one thing: a POST to `/api/v1/approvals` releases deletions that wait.
 */
export async function startApi(options: ApiOptions): Promise<ApiServer> {
  const { host, port, state, sync, plans, log, measures, leads = () => true, token, quietMs } = options;
  // A connection that was opened and says nothing must not keep a gateway from ending.
  const server = fastify({ forceCloseConnections: true });
  server.get('/healthz', () => ({ status: 'ok' }));
  server.get('/readyz', (_request, reply) => {
    const { converged, waitingFor } = state.readiness();
    return reply.code(converged ? 200 : 503).send({ converged, waitingFor });
  });
  server.get('/metrics', (_request, reply) =>
    reply.type(METRICS_TYPE).send(metricsText(state.status(), measures(), leads())),
  );
  server.get('/api/v1/status', () => state.status());
  server.get('/api/v1/groups', () => state.groups());
  server.get('/api/v1/contracts', () => state.contracts());
  server.get('/api/v1/findings', () => state.findings());
  serveSync(server, sync);
  serveEvents(server, { state, sync, log, quietMs });
  servePlans(server, plans, { token });
  const url = await server.listen({ host, port });
  return { url, stop: () => server.close() };
}

/** The plan, what waits for approval, and the approval itself. */
function servePlans(server: FastifyInstance, plans: PlanState, approvers: Approvers): void {
  server.get('/api/v1/plan', (_request, reply) => {
    const plan = plans.plan();
    if (plan !== undefined) return reply.send(plan);
    return reply.code(503).send({ error: 'there is no plan yet: the cluster or the fabric is not known in full' });
  });
  server.get('/api/v1/approvals', () => [plans.waiting() ?? []].flat());
  server.post('/api/v1/approvals', { bodyLimit: 1024 }, (request, reply) => {
    const refusal = mayApprove(request, approvers);
    if (refusal !== undefined) return reply.code(403).send({ error: refusal });
    const hash = hashIn(request.body);
    if (hash === undefined) return reply.code(400).send({ error: 'expected {"hash": "<hash of the deletions>"}' });
    if (plans.approve(hash)) return reply.send({ approved: hash });
    return reply.code(404).send({
      error: `no deletions wait under the hash '${hash}'; they may have been made, be wanted again, or have changed more than an hour ago`,
    });
  });
}

function hashIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('hash' in body)) return undefined;
  return typeof body.hash === 'string' ? body.hash : undefined;
}

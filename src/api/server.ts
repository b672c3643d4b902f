import fastify from 'fastify';
import type { GatewayState, SyncState } from '#ports';
import { serveEvents } from './event-stream.js';
import { serveSync } from './sync-routes.js';

/** Where the API listens. */
export interface ApiOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly state: GatewayState;
  readonly sync: SyncState;
}

/** A running API server. */
export interface ApiServer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Serves what the gateway knows, as JSON: `/healthz` (the process runs), `/readyz` (converged, else 503 with what it waits
 * for), `/api/v1/{status,groups,contracts,findings,sync}`, and `/api/v1/events` as they change. Reading only.
 */
export async function startApi({ host, port, state, sync }: ApiOptions): Promise<ApiServer> {
  const server = fastify();
  server.get('/healthz', () => ({ status: 'ok' }));
  server.get('/readyz', (_request, reply) => {
    const { converged, waitingFor } = state.status();
    return reply.code(converged ? 200 : 503).send({ converged, waitingFor });
  });
  server.get('/api/v1/status', () => state.status());
  server.get('/api/v1/groups', () => state.groups());
  server.get('/api/v1/contracts', () => state.contracts());
  server.get('/api/v1/findings', () => state.findings());
  serveSync(server, sync);
  serveEvents(server, state, sync);
  const url = await server.listen({ host, port });
  return { url, stop: () => server.close() };
}

import fastify from 'fastify';
import { METRICS_TYPE } from './metrics.js';

/** Where a gateway that stands by answers, and what it says. */
export interface StandbyOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Who leads; empty when that is not known. */
  readonly leader: () => string;
  /** Why it cannot be found out who leads, in words; undefined when it can. */
  readonly trouble: () => string | undefined;
}

/**
 * Answers for a gateway that does not lead: `/healthz` and `/readyz` say that it is well (a rollout waits for that), unless the lease
 * cannot be asked for (503); `/metrics` that it does not lead, and everything else that another one has to be asked (503).
 */
export async function startStandby({
  host,
  port,
  leader,
  trouble,
}: StandbyOptions): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const server = fastify({ forceCloseConnections: true });
  server.get('/healthz', () => ({ status: 'ok' }));
  server.get('/readyz', (_request, reply) => {
    const reason = trouble();
    if (reason === undefined) return reply.send({ standby: true, leader: leader() });
    return reply.code(503).send({ standby: true, leader: leader(), waitingFor: [`the lease: ${reason}`] });
  });
  server.get('/metrics', (_request, reply) => reply.type(METRICS_TYPE).send(`${LEADER_HELP}acigw_leader 0\n`));
  server.setNotFoundHandler((_request, reply) => {
    const other = leader() === '' ? 'nobody leads yet' : `${leader()} leads`;
    return reply.code(503).send({ error: `this gateway stands by: ${other}` });
  });
  const url = await server.listen({ host, port });
  return { url, stop: () => server.close() };
}

const LEADER_HELP = '# HELP acigw_leader Whether this gateway leads.\n# TYPE acigw_leader gauge\n';

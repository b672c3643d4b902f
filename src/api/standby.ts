import fastify from 'fastify';

/** Where a gateway that stands by answers, and what it says. */
export interface StandbyOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Who leads; empty when that is not known. */
  readonly leader: () => string;
}

/**
 * Answers for a gateway that does not lead: `/healthz` and `/readyz` say that it is well (a rollout waits for that), `/metrics` that
 * it does not lead, and everything else that another one has to be asked (503).
 */
export async function startStandby({
  host,
  port,
  leader,
}: StandbyOptions): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const server = fastify();
  server.get('/healthz', () => ({ status: 'ok' }));
  server.get('/readyz', () => ({ standby: true, leader: leader() }));
  server.get('/metrics', (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(`${LEADER_HELP}acigw_leader 0\n`),
  );
  server.setNotFoundHandler((_request, reply) => {
    const other = leader() === '' ? 'nobody leads yet' : `${leader()} leads`;
    return reply.code(503).send({ error: `this gateway stands by: ${other}` });
  });
  const url = await server.listen({ host, port });
  return { url, stop: () => server.close() };
}

const LEADER_HELP = '# HELP acigw_leader Whether this gateway leads.\n# TYPE acigw_leader gauge\n';

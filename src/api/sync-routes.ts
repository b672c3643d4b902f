import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SyncState } from '#ports';

interface SyncQuery {
  readonly object?: string;
  readonly dn?: string;
}

/**
 * Serves `/api/v1/sync`: every object of the fabric that is not as wanted; with `?object=Kind/namespace/name` how far that object
 * is, with `?dn=` how far that object of the fabric is. 404 for one that nobody knows, 400 for both at once.
 */
export function serveSync(server: FastifyInstance, sync: SyncState): void {
  server.get('/api/v1/sync', (request: FastifyRequest<{ Querystring: SyncQuery }>, reply) => {
    const { object, dn } = request.query;
    if (object !== undefined && dn !== undefined) {
      return reply.code(400).send({ error: 'expected object or dn, found both' });
    }
    if (object !== undefined) return found(reply, sync.object(object), `object '${object}'`);
    if (dn !== undefined) return found(reply, sync.dn(dn), `object of the fabric '${dn}'`);
    return reply.send(sync.open());
  });
}

const found = (reply: FastifyReply, answer: object | undefined, what: string): FastifyReply =>
  answer === undefined ? reply.code(404).send({ error: `nobody knows the ${what}` }) : reply.send(answer);

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Fields } from '#model/kubernetes';
import type { ResourceRegistry } from '../resource-registry.js';
import { unknownPath } from './api-error.js';
import { aggregatedDiscovery, coreVersions, groupList, groupOf, resourceList } from './discovery.js';
import { type Exchange, readExchange, sendError, sendJson } from './exchange.js';
import { openApiDocument, openApiIndex } from './openapi.js';
import { handleRead, type ReadParts, type Target } from './read-requests.js';
import { resourcePath } from './request-path.js';
import { handleWrite } from './write-requests.js';

/** What the HTTP server needs. */
export interface ApiServerParts extends ReadParts {
  readonly registry: ResourceRegistry;
  /** Called after every write, when its answer is on its way: the controllers' turn. */
  readonly settle: () => void;
}

/** The version that the server claims (API type `version.Info`). */
export const SERVER_VERSION = { major: '1', minor: '36', gitVersion: 'v1.36.0' } as const;

/** The HTTP side of kube-mock: not listening yet. */
export const createApiServer = (parts: ApiServerParts): Server =>
  createServer((request, response) => {
    serve(request, response, parts).catch((error: unknown) => sendError(response, error));
  });

async function serve(request: IncomingMessage, response: ServerResponse, parts: ApiServerParts): Promise<void> {
  const exchange = await readExchange(request, response);
  if (serveText(exchange) || serveOpenApi(exchange, parts) || serveDiscovery(exchange, parts)) return;
  const target = targetOf(exchange, parts.registry);
  if (exchange.method === 'GET') {
    handleRead(exchange, target, parts);
    return;
  }
  handleWrite(exchange, target, parts);
  parts.settle();
}

function serveText({ url, response }: Exchange): boolean {
  if (/^\/(healthz|livez|readyz)(\/.*)?$/.test(url.pathname)) {
    response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' });
    response.end('ok');
    return true;
  }
  if (url.pathname !== '/version') return false;
  const build = { gitCommit: '', gitTreeState: 'clean', buildDate: '1970-01-01T00:00:00Z', goVersion: 'none' };
  const version = { ...SERVER_VERSION, ...build, compiler: 'none', platform: 'linux/amd64' };
  sendJson(response, 200, JSON.stringify(version));
  return true;
}

/**
 * `/openapi/v2` is asked for as protobuf only: an empty body is a document without definitions, from which clients
 * conclude that the server knows no schema. `/openapi/v3` is described in openapi.ts.
 */
function serveOpenApi({ url, response }: Exchange, { registry }: ApiServerParts): boolean {
  if (url.pathname === '/openapi/v2') {
    response.writeHead(200, { 'Content-Type': 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' });
    response.end();
    return true;
  }
  if (!url.pathname.startsWith('/openapi/v3')) return false;
  const path = url.pathname.slice('/openapi/v3/'.length);
  const document = path === '' ? openApiIndex(registry) : openApiDocument(registry, path);
  if (document === undefined) throw unknownPath();
  sendJson(response, 200, JSON.stringify(document));
  return true;
}

function serveDiscovery(exchange: Exchange, { registry }: ApiServerParts): boolean {
  if (exchange.method !== 'GET') return false;
  const [root, first, second, third] = exchange.url.pathname.split('/').filter((part) => part !== '');
  if (root !== 'api' && root !== 'apis') return false;
  const answer = (fields: Fields | undefined): true => {
    if (fields === undefined) throw unknownPath();
    sendJson(exchange.response, 200, JSON.stringify(fields));
    return true;
  };
  if (first === undefined) {
    if (exchange.accepted.as !== 'APIGroupDiscoveryList') {
      return answer(root === 'api' ? coreVersions() : groupList(registry));
    }
    const type = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    sendJson(exchange.response, 200, JSON.stringify(aggregatedDiscovery(registry, root === 'api')), type);
    return true;
  }
  if (root === 'api') return second === undefined ? answer(resourceList(registry, '', first)) : false;
  if (second === undefined) return answer(groupOf(registry, first));
  return third === undefined ? answer(resourceList(registry, first, second)) : false;
}

/** The resource that a path names. Throws 404 for a resource or subresource that is not served. */
function targetOf({ url }: Exchange, registry: ResourceRegistry): Target {
  const path = resourcePath(url.pathname);
  const type = path === undefined ? undefined : registry.find(path.group, path.version, path.plural);
  if (path === undefined || type === undefined) throw unknownPath();
  const known = type.subresources.some((name) => name === path.subresource);
  if (path.subresource !== undefined && !known) throw unknownPath();
  if (path.namespace !== undefined && !type.namespaced) throw unknownPath();
  return { type, namespace: path.namespace, name: path.name, subresource: path.subresource };
}

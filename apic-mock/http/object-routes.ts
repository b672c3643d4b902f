import { cannotContain } from '../apic-error.js';
import type { Actor } from '../fabric/index.js';
import { evaluateQuery, type QueryOptions, type QueryTarget, readQueryOptions } from '../query/index.js';
import { requireWritable } from '../session/index.js';
import type { WireFormat } from '../wire/index.js';
import { applyNode, deleteObject, placeOf, placeRequest, type WriteNode } from '../write/index.js';
import { isZoningClass } from '../zoning/index.js';
import { type ApiReply, type ApiRequest, EMPTY_REPLY } from './api-request.js';
import type { ApicParts } from './apic-parts.js';
import type { Caller } from './authentication.js';
import { modifiedReply } from './modified-reply.js';
import { requestNodes } from './request-nodes.js';
import { commitWrite } from './slow-commit.js';

/** `GET` of an object or a class, perhaps with a subscription (apic-protocol.md §2, §5). */
export function read(parts: ApicParts, request: ApiRequest, target: QueryTarget, caller: Caller): ApiReply {
  const classes = target.kind === 'class' ? target.classes : new Set([target.className]);
  const options = readQueryOptions(request.url.query, classes, parts.now());
  const { format } = request;
  const subscriptionId = options.subscribe ? subscribe(parts, { target, options, format }, caller) : undefined;
  parts.tally.reads += 1;
  if (mayShowRules(target)) parts.fabric.settle();
  const found = evaluateQuery(parts.fabric.store, target, options, parts.settings.maxAnswerObjects);
  const answer = found.totalCount > 0 && parts.failures.takeEmptyAnswer() ? { ...found, objects: [] } : found;
  return { ...answer, ...(subscriptionId === undefined ? {} : { subscriptionId }) };
}

/** Whether the answer may hold zoning rules: they are below the nodes of the topology. */
function mayShowRules(target: QueryTarget): boolean {
  if (target.kind === 'mo') return target.dn.startsWith('topology') || target.dn === '';
  return [...target.classes].some((name) => isZoningClass(name) || HOLDERS_OF_RULES.has(name));
}

const HOLDERS_OF_RULES: ReadonlySet<string> = new Set(['fabricTopology', 'fabricPod', 'fabricNode', 'topSystem']);

interface SubscribedQuery {
  readonly target: QueryTarget;
  readonly options: QueryOptions;
  readonly format: WireFormat;
}

function subscribe(parts: ApicParts, query: SubscribedQuery, caller: Caller): string {
  const { target, options, format } = query;
  const wanted = {
    session: caller.session,
    target,
    scope: options.queryTarget,
    classes: options.targetClasses,
    filter: options.filter,
    format,
    muted: caller.tokens > 1,
  };
  parts.tally.subscriptions += 1;
  return parts.subscriptions.subscribe(wanted, options.refreshTimeoutSeconds);
}

/** Who a caller is to the fabric. */
export const actorOf = ({ session }: Caller): Actor => ({
  uid: session.user.unixUserId,
  user: session.user.name,
  sessionId: session.id,
});

/** `POST` of one object, a tree, or an array of them: one transaction (apic-protocol.md §3). */
export function write(parts: ApicParts, request: ApiRequest, dn: string, caller: Caller): ApiReply {
  parts.tally.writes += 1;
  const url = placeOf(dn);
  const nodes = requestNodes(request).map((node) => placeRequest(url, node, 'user'));
  for (const node of nodes) requireRights(parts, caller, node);
  const changes = commitWrite(parts, {
    actor: actorOf(caller),
    classes: () => nodes.flatMap(classesOf),
    write: (transaction) => {
      for (const node of nodes) applyNode(transaction, node, 'user');
    },
  });
  const roots = nodes.map((node) => node.dn);
  return wantsChanges(request) ? modifiedReply(roots, changes, request.format) : EMPTY_REPLY;
}

/** `DELETE` of an object: also of one that is not there (apic-protocol.md §3.2). */
export function remove(parts: ApicParts, request: ApiRequest, dn: string, caller: Caller): ApiReply {
  parts.tally.deletes += 1;
  if (dn === '') throw cannotContain('', '');
  const place = placeOf(dn);
  requireWritable(parts.fabric.store, parts.users.objectOf(caller.session.user.name), place.dn);
  const changes = commitWrite(parts, {
    actor: actorOf(caller),
    classes: () => [place.className],
    write: (transaction) => {
      const object = transaction.store.get(place.dn);
      if (object !== undefined) deleteObject(transaction, object, 'user');
    },
  });
  return wantsChanges(request) ? modifiedReply([place.dn], changes, request.format) : EMPTY_REPLY;
}

const wantsChanges = (request: ApiRequest): boolean => request.url.query.get('rsp-subtree') === 'modified';

const classesOf = (node: WriteNode): readonly string[] => [node.className, ...node.children.flatMap(classesOf)];

/** The roots that a tree only passes through (`uni`) are not written: rights are asked for what stands below. */
function requireRights(parts: ApicParts, caller: Caller, node: WriteNode): void {
  const isPassage = node.className === 'polUni' && node.children.length > 0;
  if (isPassage) for (const child of node.children) requireRights(parts, caller, child);
  else requireWritable(parts.fabric.store, parts.users.objectOf(caller.session.user.name), node.dn);
}

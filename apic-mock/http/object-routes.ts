import { cannotContain } from '../apic-error.js';
import type { Actor } from '../fabric/index.js';
import {
  evaluateQuery,
  type QueryOptions,
  type QueryTarget,
  type ReplyObject,
  readQueryOptions,
  statusAttributes,
} from '../query/index.js';
import type { Session } from '../session/index.js';
import type { Change } from '../tree/index.js';
import { replyObject, type WireFormat } from '../wire/index.js';
import { applyNode, deleteObject, placeOf, placeRequest, type WriteNode } from '../write/index.js';
import { isZoningClass } from '../zoning/index.js';
import { type ApiReply, type ApiRequest, EMPTY_REPLY } from './api-request.js';
import type { ApicParts } from './apic-parts.js';
import { requestNodes } from './request-nodes.js';
import { commitWrite } from './slow-commit.js';

/** Who asks, and by how many tokens: with two of them pushes stay away (apic-protocol.md §1.1). */
export interface Caller {
  readonly session: Session;
  readonly tokens: number;
}

/** `GET` of an object or a class, perhaps with a subscription (apic-protocol.md §2, §5). */
export function read(parts: ApicParts, request: ApiRequest, target: QueryTarget, caller: Caller): ApiReply {
  const classes = target.kind === 'class' ? target.classes : new Set([target.className]);
  const options = readQueryOptions(request.url.query, classes);
  const { format } = request;
  const subscriptionId = options.subscribe ? subscribe(parts, { target, options, format }, caller) : undefined;
  parts.tally.reads += 1;
  if (mayShowRules(target)) parts.fabric.settle();
  const answer = evaluateQuery(parts.fabric.store, target, options, parts.settings.maxAnswerObjects);
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

const actorOf = (caller: Caller): Actor => ({ uid: caller.session.user.unixUserId });

/** `POST` of one object, a tree, or an array of them: one transaction (apic-protocol.md §3). */
export function write(parts: ApicParts, request: ApiRequest, dn: string, caller: Caller): ApiReply {
  parts.tally.writes += 1;
  const url = placeOf(dn);
  const nodes = requestNodes(request).map((node) => placeRequest(url, node, 'user'));
  const changes = commitWrite(parts, actorOf(caller), (transaction) => {
    for (const node of nodes) applyNode(transaction, node, 'user');
  });
  const wantsChanges = request.url.query.get('rsp-subtree') === 'modified';
  return wantsChanges ? modifiedReply(nodes, changes) : EMPTY_REPLY;
}

/** `DELETE` of an object: also of one that is not there (apic-protocol.md §3.2). */
export function remove(parts: ApicParts, request: ApiRequest, dn: string, caller: Caller): ApiReply {
  parts.tally.deletes += 1;
  if (dn === '') throw cannotContain('', '');
  const place = placeOf(dn);
  const changes = commitWrite(parts, actorOf(caller), (transaction) => {
    const object = transaction.store.get(place.dn);
    if (object !== undefined) deleteObject(transaction, object, 'user');
  });
  const wantsChanges = request.url.query.get('rsp-subtree') === 'modified';
  const own = changes.filter((change) => change.object.dn === place.dn);
  return wantsChanges ? changesReply(own) : EMPTY_REPLY;
}

/** Of what the request itself names, what has changed: full attributes with a status (apic-protocol.md §3.3). */
function modifiedReply(nodes: readonly WriteNode[], changes: readonly Change[]): ApiReply {
  const named = new Set(nodes.flatMap(dnsOf));
  return changesReply(changes.filter((change) => named.has(change.object.dn)));
}

function changesReply(changes: readonly Change[]): ApiReply {
  return { totalCount: changes.length, objects: changes.map(changedObject) };
}

function changedObject(change: Change): ReplyObject {
  const attributes = change.kind === 'deleted' ? change.before : change.after;
  return replyObject(change.object.className, statusAttributes(change.object, attributes, change.kind));
}

function dnsOf(node: WriteNode): readonly string[] {
  return [node.dn, ...node.children.flatMap(dnsOf)];
}

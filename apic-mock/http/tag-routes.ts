import { badRequest } from '../apic-error.js';
import { readQueryOptions, wireAttributes } from '../query/index.js';
import { requireWritable } from '../session/index.js';
import type { StoredObject } from '../tree/index.js';
import { replyObject } from '../wire/index.js';
import { applyNode, placeOf, placeRequest } from '../write/index.js';
import { type ApiReply, type ApiRequest, EMPTY_REPLY } from './api-request.js';
import type { ApicParts } from './apic-parts.js';
import type { Caller } from './authentication.js';
import { actorOf } from './object-routes.js';
import { commitWrite } from './slow-commit.js';

/** `/api/tag/<tag>` and `/api/tag/mo/<dn>` (apic-protocol.md §2.1). */
export const TAG_PATH = /^\/api\/(?:node\/)?tag\/(?:(mo)\/)?(.+)$/s;

/** Objects by their tag, an object's tags, and `?add=` or `?remove=` of tags in a comma list. Throws `ApicError`. */
export function answerTags(parts: ApicParts, request: ApiRequest, caller: Caller): ApiReply {
  const [, isObject, rest = ''] = TAG_PATH.exec(request.url.path) ?? [];
  if (isObject === undefined) return found(request, tagged(parts, rest));
  const { dn } = placeOf(rest);
  if (request.method === 'POST') return changeTags(parts, request, { dn, caller });
  const children = parts.fabric.store.get(dn)?.children.values() ?? [];
  return found(
    request,
    [...children].filter((child) => child.className === 'tagInst'),
  );
}

function tagged(parts: ApicParts, name: string): readonly StoredObject[] {
  const tags = [...parts.fabric.store.ofClass('tagInst')].filter((tag) => tag.attributes.name === name);
  return tags.flatMap((tag) => (tag.parent === undefined ? [] : [tag.parent]));
}

function found(request: ApiRequest, objects: readonly StoredObject[]): ApiReply {
  const { properties } = readQueryOptions(request.url.query).response;
  const shown = objects.map((object) => replyObject(object.className, wireAttributes(object, 'top', properties)));
  return { totalCount: shown.length, objects: shown };
}

interface TaggedObject {
  readonly dn: string;
  readonly caller: Caller;
}

function changeTags(parts: ApicParts, request: ApiRequest, { dn, caller }: TaggedObject): ApiReply {
  const listed = (option: string): readonly string[] =>
    (request.url.query.get(option) ?? '').split(',').filter((name) => name !== '');
  const wanted = [
    ...listed('add').map((name) => ({ name, status: '' })),
    ...listed('remove').map((name) => ({ name, status: 'deleted' })),
  ];
  if (wanted.length === 0) throw badRequest('Request failed, /api/tag/mo/<dn> takes the option add or remove');
  requireWritable(parts.fabric.store, parts.users.objectOf(caller.session.user.name), dn);
  const nodes = wanted.map((attributes) =>
    placeRequest(placeOf(dn), { className: 'tagInst', attributes, children: [] }, 'user'),
  );
  commitWrite(parts, {
    actor: actorOf(caller),
    classes: () => ['tagInst'],
    write: (transaction) => {
      for (const node of nodes) applyNode(transaction, node, 'user');
    },
  });
  return EMPTY_REPLY;
}

import { type Fields, fieldAt, isFields, type KubernetesObject, numberAt, textAt } from '#model/kubernetes';
import { objectText } from '../json-text.js';
import type { DeleteRequest, ObjectPlace } from '../object-api.js';
import { applyJsonPatch } from '../patch/json-patch.js';
import { applyMergePatch } from '../patch/merge-patch.js';
import { applyStrategicMergePatch } from '../patch/strategic-merge.js';
import { groupVersion, type ResourceType, resourceKey } from '../resource-type.js';
import { keyOf } from '../storage/object-store.js';
import { badRequest, methodNotAllowed, unsupportedMediaType } from './api-error.js';
import { bodyObject, type Exchange, parseText, sendJson } from './exchange.js';
import { listPage } from './list.js';
import { listOptions } from './list-options.js';
import { type ReadParts, sendObject, type Target } from './read-requests.js';
import { scaleOf, withScale } from './scale.js';

/** `POST`, `PUT`, `PATCH` and `DELETE` of objects, collections and subresources. */
export function handleWrite(exchange: Exchange, target: Target, parts: ReadParts): void {
  const { type, namespace, name } = target;
  if (name === undefined) {
    if (exchange.method === 'POST') create(exchange, target, parts);
    else if (exchange.method === 'DELETE') deleteCollection(exchange, target, parts);
    else throw methodNotAllowed();
    return;
  }
  const place = { type, namespace, name };
  switch (exchange.method) {
    case 'PUT':
      replace(exchange, { target, place, parts }, bodyObject(exchange));
      return;
    case 'PATCH':
      if (exchange.contentType === APPLY) {
        applyPatch(exchange, { target, place, parts });
        return;
      }
      replace(exchange, { target, place, parts }, patched(exchange, { target, place, parts }));
      return;
    case 'DELETE':
      remove(exchange, { target, place, parts });
      return;
    default:
      throw methodNotAllowed();
  }
}

interface Write {
  readonly target: Target;
  readonly place: ObjectPlace;
  readonly parts: ReadParts;
}

const isDryRun = ({ url }: Exchange): boolean => url.searchParams.has('dryRun');

const isStrict = ({ url }: Exchange): boolean => url.searchParams.get('fieldValidation') === 'Strict';

function create(exchange: Exchange, target: Target, parts: ReadParts): void {
  const body = bodyObject(exchange);
  const object = parts.api.create(target.type, target.namespace, body, {
    dryRun: isDryRun(exchange),
    strict: isStrict(exchange),
  });
  sendObject(exchange, 201, object, { target, parts });
}

function replace(exchange: Exchange, { target, place, parts }: Write, body: unknown): void {
  const { subresource } = target;
  const scales = subresource === 'scale';
  const next = scales ? withScale(parts.api.get(place), body) : body;
  const object = parts.api.replace(place, next, {
    subresource,
    dryRun: isDryRun(exchange),
    strict: isStrict(exchange),
    manager: exchange.url.searchParams.get('fieldManager') ?? 'unknown',
  });
  sendObject(exchange, 200, scales ? (scaleOf(object) as KubernetesObject) : object, { target, parts });
}

/** Media type of a configuration that is applied by the server. */
const APPLY = 'application/apply-patch+yaml';

function applyPatch(exchange: Exchange, { target, place, parts }: Write): void {
  const { searchParams } = exchange.url;
  const manager = searchParams.get('fieldManager') ?? '';
  if (manager === '')
    throw badRequest(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  if (target.subresource === 'scale') throw unsupportedMediaType(APPLY, []);
  const body = parseText(exchange.body.toString('utf8'), true);
  const { object, created } = parts.api.apply(place, body, {
    subresource: target.subresource,
    dryRun: isDryRun(exchange),
    strict: isStrict(exchange),
    manager,
    force: searchParams.get('force') === 'true',
  });
  sendObject(exchange, created ? 201 : 200, object, { target, parts });
}

/** The object, or its scale, with the patch of the request applied. */
function patched(exchange: Exchange, { target, place, parts }: Write): unknown {
  const object = parts.api.get(place);
  const current: Fields = target.subresource === 'scale' ? scaleOf(object) : object;
  const patch = (): unknown => parseText(exchange.body.toString('utf8'), false);
  const strategic = !target.type.custom;
  switch (exchange.contentType) {
    case 'application/json-patch+json':
      return applyJsonPatch(current, patch());
    case 'application/merge-patch+json':
      return applyMergePatch(current, fields(patch()));
    case 'application/strategic-merge-patch+json':
      if (strategic) return applyStrategicMergePatch(current, fields(patch()), object.kind);
      break;
    default:
  }
  const supported = ['application/json-patch+json', 'application/merge-patch+json', APPLY].concat(
    strategic ? ['application/strategic-merge-patch+json'] : [],
  );
  throw unsupportedMediaType(exchange.contentType, supported);
}

function fields(value: unknown): Fields {
  if (!isFields(value)) throw badRequest('the patch must be an object');
  return value;
}

function remove(exchange: Exchange, { target, place, parts }: Write): void {
  const object = parts.api.delete(place, deleteRequest(exchange));
  const left = parts.store.get(resourceKey(place.type), keyOf(place.namespace, place.name));
  if (left !== undefined || place.type.kind === 'Pod') sendObject(exchange, 200, object, { target, parts });
  else sendJson(exchange.response, 200, JSON.stringify(success(place.type, object)));
}

function deleteCollection(exchange: Exchange, { type, namespace }: Target, parts: ReadParts): void {
  const options = listOptions(exchange.url.searchParams, resourceKey(type));
  const page = listPage(parts.store, type, namespace, options);
  const request = deleteRequest(exchange);
  const deleted = page.objects.map((object) => {
    const place = { type, namespace: object.metadata.namespace, name: object.metadata.name };
    return parts.api.delete(place, request);
  });
  const head = { kind: `${type.kind}List`, apiVersion: groupVersion(type), metadata: page.metadata };
  const items = deleted.map(objectText).join(',');
  sendJson(exchange.response, 200, `${JSON.stringify(head).slice(0, -1)},"items":[${items}]}`);
}

/** The options of a DELETE: from the query, or from a `DeleteOptions` body. */
function deleteRequest(exchange: Exchange): DeleteRequest {
  const body = exchange.body.length === 0 ? {} : bodyObject(exchange);
  const query = exchange.url.searchParams;
  const grace = query.get('gracePeriodSeconds');
  const propagation = query.get('propagationPolicy') ?? textAt(body, 'propagationPolicy');
  if (propagation !== undefined && !isPropagation(propagation)) {
    throw badRequest(`propagationPolicy: ${JSON.stringify(propagation)} is not Background, Foreground or Orphan`);
  }
  return {
    graceSeconds: grace === null ? numberAt(body, 'gracePeriodSeconds') : Number(grace),
    propagation: propagation ?? (fieldAt(body, 'orphanDependents') === true ? 'Orphan' : undefined),
    uid: textAt(body, 'preconditions', 'uid'),
    resourceVersion: textAt(body, 'preconditions', 'resourceVersion'),
    dryRun: isDryRun(exchange) || Array.isArray(fieldAt(body, 'dryRun')),
  };
}

const isPropagation = (text: string): text is 'Background' | 'Foreground' | 'Orphan' =>
  text === 'Background' || text === 'Foreground' || text === 'Orphan';

const success = (type: ResourceType, object: KubernetesObject): Fields => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  details: {
    name: object.metadata.name,
    ...(type.group === '' ? {} : { group: type.group }),
    kind: type.plural,
    uid: object.metadata.uid,
  },
});

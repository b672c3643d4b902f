import { type Fields, fieldsAt, type KubernetesObject } from '#model/kubernetes';
import { objectText } from '../json-text.js';
import type { ObjectApi } from '../object-api.js';
import { type ResourceType, resourceKey } from '../resource-type.js';
import type { ObjectStore } from '../storage/object-store.js';
import { columnsOf, type TableRequest, tableOf } from '../tables/table.js';
import { type Exchange, sendJson } from './exchange.js';
import { type ListPage, listPage, listText } from './list.js';
import { listOptions } from './list-options.js';
import { scaleOf } from './scale.js';
import { plainText, type WatchHub } from './watch.js';

/** What reading needs. */
export interface ReadParts {
  readonly api: ObjectApi;
  readonly store: ObjectStore;
  readonly watches: WatchHub;
}

/** The resource, and where in it, that a request names. */
export interface Target {
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';

/** `GET` of a collection, of a watch, of an object or of its subresource. */
export function handleRead(exchange: Exchange, target: Target, parts: ReadParts): void {
  const { type, namespace, name, subresource } = target;
  const watchesOne = name !== undefined && exchange.url.searchParams.get('watch') === 'true';
  if (name !== undefined && !watchesOne) {
    const object = parts.api.get({ type, namespace, name });
    sendObject(exchange, 200, subresource === 'scale' ? (scaleOf(object) as KubernetesObject) : object, {
      target,
      parts,
    });
    return;
  }
  const options = listOptions(exchange.url.searchParams, resourceKey(type), name);
  const table = tableRequest(exchange);
  if (!options.watch) {
    sendList(exchange, listPage(parts.store, type, namespace, options), { target, parts });
    return;
  }
  const columns = columnsOf(type, definitionOf(type, parts));
  parts.watches.start(
    {
      type,
      namespace,
      options,
      contentType: contentTypeOf(exchange),
      textOf:
        table === undefined
          ? plainText
          : (object) => JSON.stringify(tableOf([object], columns, table, rowsMetadata(object))),
      bookmarkTextOf: (object) =>
        JSON.stringify(table === undefined ? object : tableOf([], columns, table, fieldsAt(object, 'metadata'))),
    },
    exchange.response,
  );
}

interface Context {
  readonly target: Target;
  readonly parts: ReadParts;
}

/** Answers with one object, as JSON, as a Table or as its metadata alone. */
export function sendObject(
  exchange: Exchange,
  code: number,
  object: KubernetesObject,
  { target, parts }: Context,
): void {
  const table = tableRequest(exchange);
  if (table !== undefined && object.kind === target.type.kind) {
    const columns = columnsOf(target.type, definitionOf(target.type, parts));
    const text = JSON.stringify(tableOf([object], columns, table, rowsMetadata(object)));
    sendJson(exchange.response, code, text, contentTypeOf(exchange));
    return;
  }
  const partial = exchange.accepted.as === 'PartialObjectMetadata';
  sendJson(exchange.response, code, partial ? JSON.stringify(metadataOnly(object)) : objectText(object));
}

function sendList(exchange: Exchange, page: ListPage, { target, parts }: Context): void {
  const table = tableRequest(exchange);
  if (table !== undefined) {
    const columns = columnsOf(target.type, definitionOf(target.type, parts));
    const text = JSON.stringify(tableOf(page.objects, columns, table, page.metadata));
    sendJson(exchange.response, 200, text, contentTypeOf(exchange));
    return;
  }
  if (exchange.accepted.as === 'PartialObjectMetadataList') {
    const { metadata } = page;
    const list = { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata };
    sendJson(exchange.response, 200, JSON.stringify({ ...list, items: page.objects.map(metadataOnly) }));
    return;
  }
  sendJson(exchange.response, 200, listText(page, target.type));
}

function tableRequest({ accepted, url }: Exchange): TableRequest | undefined {
  if (accepted.as !== 'Table') return undefined;
  const include = url.searchParams.get('includeObject');
  return {
    version: accepted.version === 'v1beta1' ? 'v1beta1' : 'v1',
    includeObject: include === 'Object' || include === 'None' ? include : 'Metadata',
  };
}

const contentTypeOf = ({ accepted }: Exchange): string =>
  accepted.as === 'Table'
    ? `application/json;as=Table;g=meta.k8s.io;v=${accepted.version ?? 'v1'}`
    : 'application/json';

const definitionOf = (type: ResourceType, { store }: ReadParts): KubernetesObject | undefined =>
  type.custom ? store.get(DEFINITIONS, resourceKey(type)) : undefined;

const rowsMetadata = (object: KubernetesObject): Fields => ({ resourceVersion: object.metadata.resourceVersion });

const metadataOnly = (object: KubernetesObject): Fields => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata: object.metadata,
});

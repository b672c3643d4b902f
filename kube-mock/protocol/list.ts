import { fieldAt, type KubernetesObject } from '#model/kubernetes';
import { itemText, objectText } from '../json-text.js';
import { inVersion } from '../object-api.js';
import { groupVersion, type ResourceType, resourceKey } from '../resource-type.js';
import { type ObjectStore, storageKey } from '../storage/object-store.js';
import { badRequest, expired } from './api-error.js';
import { type ListOptions, revisionOf, tooLarge } from './list-options.js';

/** One page of a list. */
export interface ListPage {
  readonly objects: readonly KubernetesObject[];
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
}

interface Token {
  readonly revision: number;
  readonly after: string;
}

/**
 * Lists a resource: everything, or pages of `limit` that all show the state at the first page's revision. Throws 410
 * Expired when that revision has left the history.
 */
export function listPage(
  store: ObjectStore,
  type: ResourceType,
  namespace: string | undefined,
  options: ListOptions,
): ListPage {
  const token = options.continueToken === '' ? undefined : readToken(options.continueToken);
  const revision = token?.revision ?? listRevision(store, options);
  const all = objectsAt(store, resourceKey(type), revision, namespace).filter(options.filter);
  const rest = token === undefined ? all : all.filter((object) => storageKey(object) > token.after);
  const page = options.limit > 0 ? rest.slice(0, options.limit) : rest;
  const last = page.at(-1);
  const resourceVersion = String(revision);
  const objects = type.custom ? page.map((object) => inVersion(object, type)) : page;
  if (page.length === rest.length || last === undefined) return { objects, metadata: { resourceVersion } };
  return {
    objects,
    metadata: {
      resourceVersion,
      continue: writeToken({ revision, after: storageKey(last) }),
      ...(options.selective ? {} : { remainingItemCount: rest.length - page.length }),
    },
  };
}

/** The JSON text of a page as a typed list. */
export function listText(page: ListPage, type: ResourceType): string {
  const head = `{"kind":"${type.kind}List","apiVersion":"${groupVersion(type)}"`;
  const items = page.objects.map(type.custom ? objectText : itemText).join(',');
  return `${head},"metadata":${JSON.stringify(page.metadata)},"items":[${items}]}`;
}

function listRevision(store: ObjectStore, { resourceVersion, resourceVersionMatch }: ListOptions): number {
  if (resourceVersion === '' || resourceVersion === '0') return store.revision;
  const asked = revisionOf(resourceVersion);
  if (asked > store.revision) throw tooLarge(asked, store.revision);
  return resourceVersionMatch === 'Exact' ? asked : store.revision;
}

function objectsAt(
  store: ObjectStore,
  resource: string,
  revision: number,
  namespace: string | undefined,
): readonly KubernetesObject[] {
  if (revision === store.revision) return store.list(resource, namespace);
  try {
    return store.listAt(resource, revision, namespace);
  } catch {
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
    );
  }
}

const writeToken = (token: Token): string => Buffer.from(JSON.stringify(token)).toString('base64url');

function readToken(text: string): Token {
  try {
    const token: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    const revision = fieldAt(token, 'revision');
    const after = fieldAt(token, 'after');
    if (typeof revision === 'number' && typeof after === 'string') return { revision, after };
  } catch {
    // Falls through to the same answer as for a token of the wrong shape.
  }
  throw badRequest('continue key is not valid: use the value of metadata.continue of the list before');
}

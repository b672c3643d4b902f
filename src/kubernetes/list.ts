import type { KubernetesObject } from '#model/kubernetes';
import { KubernetesExpiredError, KubernetesStreamError } from './errors.js';
import { isRecord, type ResourceSpec, trimmed } from './resource.js';

/** A complete list and the version to watch from. */
export interface ListResult {
  readonly objects: readonly KubernetesObject[];
  readonly resourceVersion: string;
}

interface ListPage {
  readonly items: readonly unknown[];
  readonly resourceVersion: string;
  readonly next: string | undefined;
}

/** Reads a path and gives the body. */
export type ReadText = (path: string) => Promise<string>;

/** A list that expired on the way is begun again; the third time it is asked for in one piece, which cannot expire. */
const MOST_EXPIRED = 2;

/**
 * All objects of the resource, page by page (API concepts, "Retrieving large results sets in chunks"), so that no single
 * answer blocks the process for long.
 */
export async function listAll(read: ReadText, spec: ResourceSpec, pageSize: number): Promise<ListResult> {
  for (let expired = 0; expired < MOST_EXPIRED; expired += 1) {
    try {
      return await listPages(read, spec, `limit=${pageSize}`);
    } catch (error) {
      if (!(error instanceof KubernetesExpiredError)) throw error;
    }
  }
  return listPages(read, spec, '');
}

/** The version that the resource has now, by the shortest list that there is. */
export async function currentVersion(read: ReadText, spec: ResourceSpec): Promise<string> {
  return readPage(await read(`${spec.path}?limit=1`), spec).resourceVersion;
}

async function listPages(read: ReadText, spec: ResourceSpec, query: string): Promise<ListResult> {
  const objects: KubernetesObject[] = [];
  let next: string | undefined;
  for (;;) {
    const more = next === undefined ? '' : `&continue=${encodeURIComponent(next)}`;
    const page = readPage(await read(`${spec.path}?${query}${more}`), spec);
    for (const item of page.items) {
      const object = trimmed(item, spec);
      if (object === undefined) throw new KubernetesStreamError(`${spec.path}: the list holds an item without a name`);
      objects.push(object);
    }
    next = page.next;
    if (next === undefined) return { objects, resourceVersion: page.resourceVersion };
  }
}

function readPage(body: string, { path }: ResourceSpec): ListPage {
  const document = parsed(body, path);
  const metadata = isRecord(document) ? document['metadata'] : undefined;
  // An empty list of Go may be null.
  const items = isRecord(document) ? (document['items'] ?? []) : undefined;
  if (!isRecord(metadata) || !Array.isArray(items) || typeof metadata['resourceVersion'] !== 'string') {
    throw new KubernetesStreamError(`${path}: the answer is not a list with a resourceVersion`);
  }
  const next = metadata['continue'];
  return {
    items,
    resourceVersion: metadata['resourceVersion'],
    next: typeof next === 'string' && next !== '' ? next : undefined,
  };
}

function parsed(body: string, path: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new KubernetesStreamError(`${path}: the list is not JSON`);
  }
}

import type { KubernetesObject, StringMap } from '#model/kubernetes';
import { type ClusterWriter, type OwnKind, type StatusKind, WRITE_ERRORS } from '#ports';
import { connectTo } from './connect.js';
import { KubernetesStatusError, KubernetesWriteError } from './errors.js';
import { listAll } from './list.js';
import { type KnownKind, kindNamed, objectPath } from './object-path.js';
import type { ClusterTarget } from './target.js';
import type { KubernetesTransport } from './transport.js';

/** Who owns what the gateway writes (`fieldManager`). */
export const FIELD_MANAGER = 'aci-gateway';

const TIMEOUT_MS = 30_000;
const PAGE_SIZE = 500;

/** A writer that ends: requests under way are aborted by their own signals, connections are closed. */
export interface ClosableClusterWriter extends ClusterWriter {
  close(): void;
}

/** Writes the gateway's own objects by server-side apply, over connections of its own. */
export const clusterWriter = (target: ClusterTarget): ClosableClusterWriter => new ObjectWriter(connectTo(target));

class ObjectWriter implements ClosableClusterWriter {
  readonly #transport: KubernetesTransport;

  constructor(transport: KubernetesTransport) {
    this.#transport = transport;
  }

  async list(kind: OwnKind | StatusKind, labels: StringMap, signal: AbortSignal): Promise<readonly KubernetesObject[]> {
    const spec = knownKind(kind);
    const selector = Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
    const read = (path: string): Promise<string> =>
      this.#transport.text(`${path}&labelSelector=${encodeURIComponent(selector)}`, TIMEOUT_MS, signal);
    try {
      return (await listAll(read, spec, PAGE_SIZE)).objects;
    } catch (error) {
      throw readError(error);
    }
  }

  apply(object: KubernetesObject, signal: AbortSignal): Promise<void> {
    const { status: _, ...rest } = object;
    return this.#patch(rest, '', signal);
  }

  applyStatus({ apiVersion, kind, metadata, status }: KubernetesObject, signal: AbortSignal): Promise<void> {
    const { name, namespace } = metadata;
    const bare = { name, ...(namespace === undefined ? {} : { namespace }) };
    return this.#patch({ apiVersion, kind, metadata: bare, status }, '/status', signal);
  }

  async remove({ kind, metadata }: KubernetesObject, signal: AbortSignal): Promise<void> {
    const path = objectPath(knownKind(kind), metadata.namespace, metadata.name);
    const preconditions = metadata.uid === undefined ? {} : { preconditions: { uid: metadata.uid } };
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', ...preconditions };
    try {
      await this.#transport.write({ method: 'DELETE', path, body, timeoutMs: TIMEOUT_MS }, signal);
    } catch (error) {
      const isGone = error instanceof KubernetesWriteError && GONE.has(error.code);
      if (!isGone) throw error;
    }
  }

  close(): void {
    this.#transport.close();
  }

  async #patch(object: KubernetesObject, subresource: string, signal: AbortSignal): Promise<void> {
    const { name, namespace } = object.metadata;
    const path = `${objectPath(knownKind(object.kind), namespace, name)}${subresource}?fieldManager=${FIELD_MANAGER}&force=true`;
    // JSON is YAML.
    const contentType = 'application/apply-patch+yaml';
    await this.#transport.write({ method: 'PATCH', path, contentType, body: object, timeoutMs: TIMEOUT_MS }, signal);
  }
}

/** What a delete may find: nothing, or another object of that name. */
const GONE: ReadonlySet<string> = new Set([WRITE_ERRORS.notFound, WRITE_ERRORS.conflict]);

/** A list says what a write would say. */
function readError(error: unknown): unknown {
  if (!(error instanceof KubernetesStatusError)) return error;
  const code = { 403: WRITE_ERRORS.forbidden, 404: WRITE_ERRORS.notFound }[error.status];
  return code === undefined ? error : new KubernetesWriteError(error.status, code, error.message);
}

function knownKind(kind: string): KnownKind {
  const known = kindNamed(kind);
  if (known === undefined) throw new TypeError(`the gateway writes no ${kind}`);
  return known;
}

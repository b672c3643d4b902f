import { randomInt } from 'node:crypto';
import { type Fields, fieldAt, type KubernetesObject, type ObjectMeta } from '#model/kubernetes';
import { ClusterAddresses } from './admission/cluster-addresses.js';
import { listMergeIn, prunedObject, schemaErrors, schemaOf } from './admission/custom-schema.js';
import { withDefaults } from './admission/defaults.js';
import { objectOfBody, updateOf } from './admission/prepare.js';
import { unknownFields } from './admission/unknown-fields.js';
import { validateObject } from './admission/validate.js';
import { listMerge } from './patch/merge-keys.js';
import type { ListKinds } from './patch/owned-fields.js';
import { applyConfiguration, ownersAfterUpdate } from './patch/server-side-apply.js';
import { alreadyExists, badRequest, conflict, forbidden, invalid, notFound } from './protocol/api-error.js';
import type { ResourceRegistry } from './resource-registry.js';
import { groupVersion, type ResourceType, resourceKey } from './resource-type.js';
import { keyOf, type ObjectStore, storageKey } from './storage/object-store.js';
import type { Deletion, ObjectWriter } from './storage/object-writer.js';

/** Where an object is: its resource, namespace and name. */
export interface ObjectPlace {
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** How a write is done. */
export interface WriteOptions {
  readonly dryRun?: boolean;
  /** Keeps the status that a created object brings: not what an API server does, for objects loaded in process. */
  readonly keepStatus?: boolean;
  readonly subresource?: string | undefined;
  /** Refuses fields that the API type does not have (`fieldValidation=Strict`, what kubectl asks for). */
  readonly strict?: boolean;
  /** Who writes (`fieldManager`). */
  readonly manager?: string;
}

/** How a configuration is applied (API concepts, "Server-Side Apply"). */
export interface ApplyOptions extends WriteOptions {
  readonly manager: string;
  readonly force: boolean;
}

/** The outcome of an apply. */
export interface Applied {
  readonly object: KubernetesObject;
  readonly created: boolean;
}

const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';

/** What a DELETE may ask for (API type `DeleteOptions`). */
export interface DeleteRequest extends Deletion {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly dryRun?: boolean;
}

/** Parts that {@link ObjectApi} works on. */
export interface ObjectApiParts {
  readonly store: ObjectStore;
  readonly writer: ObjectWriter;
  readonly registry: ResourceRegistry;
  readonly validate: boolean;
}

/** The verbs of the API on single objects: admission, then storage. All errors are `ApiError`s. */
export class ObjectApi {
  readonly #parts: ObjectApiParts;
  readonly #addresses = new ClusterAddresses();

  constructor(parts: ObjectApiParts) {
    this.#parts = parts;
    parts.store.onChange((event) => {
      if (event.resource === 'services' && event.type === 'DELETED') this.#addresses.release(event.object);
    });
  }

  /** The object at a place, in the version asked for. Throws 404 when it is not there. */
  get({ type, namespace, name }: ObjectPlace): KubernetesObject {
    const object = this.#parts.store.get(resourceKey(type), keyOf(namespace, name));
    if (object === undefined) throw notFound(type, name);
    return inVersion(object, type);
  }

  /** Creates an object from a request's body. */
  create(
    type: ResourceType,
    namespace: string | undefined,
    body: unknown,
    options: WriteOptions = {},
  ): KubernetesObject {
    const { writer, store } = this.#parts;
    const given = named(objectOfBody(body, type, { namespace }));
    if (options.strict === true) this.#refuseUnknownFields(given);
    if ((given.metadata.resourceVersion ?? '') !== '') {
      throw badRequest('resourceVersion should not be set on objects to be created');
    }
    this.#requireNamespace(type, given);
    const { status, ...rest } = given;
    const keeps = options.keepStatus === true || !type.subresources.includes('status');
    const object = this.#admit(keeps && status !== undefined ? given : rest, type);
    if (store.get(resourceKey(type), storageKey(object)) !== undefined) throw alreadyExists(type, object.metadata.name);
    const { uid } = object.metadata;
    const kept = options.keepStatus === true && uid !== undefined ? { uid } : {};
    const bare = { ...object, metadata: { ...withoutServerFields(object.metadata), ...kept } };
    return options.dryRun === true ? writer.stamped(bare) : writer.add(resourceKey(type), bare);
  }

  /** Replaces an object by a request's body (PUT). */
  replace(place: ObjectPlace, body: unknown, options: WriteOptions = {}): KubernetesObject {
    const { type } = place;
    const current = this.get(place);
    const given = objectOfBody(body, type, place);
    if (options.strict === true) this.#refuseUnknownFields(given);
    const admitted = this.#admit(updateOf(current, given, type, options.subresource), type, current);
    const next = ownersAfterUpdate(current, admitted, {
      manager: options.manager ?? 'unknown',
      subresource: options.subresource,
      kinds: this.#listKinds(type),
      now: this.#parts.writer.now(),
    });
    if (options.dryRun === true) return next;
    return inVersion(this.#parts.writer.change(resourceKey(type), next), type);
  }

  /** Applies a configuration (`application/apply-patch+yaml`): makes the object, or merges it into the one that is there. */
  apply(place: ObjectPlace, body: unknown, options: ApplyOptions): Applied {
    const { type, namespace, name } = place;
    const { store, writer } = this.#parts;
    const given = objectOfBody(body, type, place);
    if (options.strict === true) this.#refuseUnknownFields(given);
    const found = store.get(resourceKey(type), keyOf(namespace, name));
    if (found === undefined && options.subresource !== undefined) throw notFound(type, name);
    const { resourceVersion } = given.metadata;
    if (resourceVersion !== undefined && resourceVersion !== found?.metadata.resourceVersion) {
      throw conflict(type, name);
    }
    if (found === undefined) this.#requireNamespace(type, given);
    const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
    const current = found === undefined ? { apiVersion: groupVersion(type), kind: type.kind, metadata } : found;
    const merged = applyConfiguration(inVersion(current, type), withoutForeignStatus(given, type, options), {
      manager: options.manager,
      force: options.force,
      subresource: options.subresource,
      kinds: this.#listKinds(type),
      now: writer.now(),
    });
    const next = this.#admit(merged, type, found);
    if (options.dryRun === true) return { object: next, created: found === undefined };
    const written = found === undefined ? writer.add(resourceKey(type), next) : writer.change(resourceKey(type), next);
    return { object: inVersion(written, type), created: found === undefined };
  }

  /** Deletes an object. Gives its last state; `deletionTimestamp` is set when it is not gone yet. */
  delete(place: ObjectPlace, request: DeleteRequest = {}): KubernetesObject {
    const { type, name } = place;
    const current = this.get(place);
    const { uid, resourceVersion } = current.metadata;
    if (request.uid !== undefined && request.uid !== uid) {
      throw conflict(
        type,
        name,
        `Precondition failed: UID in precondition: ${request.uid}, UID in object meta: ${uid ?? ''}`,
      );
    }
    if (request.resourceVersion !== undefined && request.resourceVersion !== resourceVersion) {
      throw conflict(
        type,
        name,
        `Precondition failed: ResourceVersion in precondition: ${request.resourceVersion}, ResourceVersion in object meta: ${resourceVersion ?? ''}`,
      );
    }
    if (type.kind === 'Namespace' && ['default', 'kube-system', 'kube-public'].includes(name)) {
      throw forbidden(type, name, 'this namespace may not be deleted');
    }
    return request.dryRun === true ? current : this.#parts.writer.delete(resourceKey(type), current, request);
  }

  /** Creates an object, or replaces the one of its name: a server-side upsert, in process. */
  upsert(object: KubernetesObject): KubernetesObject {
    const type = this.#parts.registry.ofObject(object);
    if (type === undefined) {
      throw badRequest(`no resource for kind ${object.kind} in apiVersion ${object.apiVersion}; create its definition`);
    }
    const namespace = type.namespaced ? (object.metadata.namespace ?? 'default') : undefined;
    const bare = { ...object, metadata: withoutServerFields(object.metadata) };
    const place = { type, namespace, name: object.metadata.name };
    if (this.#parts.store.get(resourceKey(type), keyOf(namespace, place.name)) !== undefined) {
      return this.replace(place, bare);
    }
    const { uid } = object.metadata;
    const created = uid === undefined ? bare : { ...bare, metadata: { ...bare.metadata, uid } };
    return this.create(type, namespace, created, { keepStatus: true });
  }

  /** Deletes an object in process; nothing happens when it, or its resource, is not there. */
  removeIfPresent(object: KubernetesObject): void {
    const type = this.#parts.registry.ofObject(object);
    if (type === undefined) return;
    const { namespace, name } = object.metadata;
    if (this.#parts.store.get(resourceKey(type), keyOf(namespace, name)) === undefined) return;
    this.delete({ type, namespace, name });
  }

  #admit(object: KubernetesObject, type: ResourceType, before?: KubernetesObject): KubernetesObject {
    const schema = this.#schemaOf(type);
    const defaulted = type.custom
      ? schema === undefined
        ? object
        : prunedObject(object, schema)
      : withDefaults(object);
    const errors = this.#parts.validate ? [...validateObject(defaulted, before)] : [];
    if (this.#parts.validate && schema !== undefined) errors.push(...schemaErrors(defaulted, schema));
    if (errors.length > 0) throw invalid(type.group, type.kind, object.metadata.name, errors);
    return defaulted.kind === 'Service' && type.group === '' ? this.#addresses.addressed(defaulted, before) : defaulted;
  }

  /** The schema that the resource's definition has; undefined for what has none. */
  #schemaOf(type: ResourceType): Fields | undefined {
    return type.custom ? schemaOf(this.#parts.store.get(DEFINITIONS, resourceKey(type)), type.version) : undefined;
  }

  /** How lists in objects of the resource merge when a configuration is applied. */
  #listKinds(type: ResourceType): ListKinds {
    const schema = this.#schemaOf(type);
    return (path) => {
      if (schema !== undefined && path[0] !== 'metadata') return listMergeIn(schema, path);
      return listMerge(type.kind, path.at(-2) ?? '', path.at(-1) ?? '');
    };
  }

  #refuseUnknownFields(object: KubernetesObject): void {
    const fields = this.#parts.validate ? unknownFields(object) : [];
    if (fields.length === 0) return;
    const { kind, apiVersion } = object;
    const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
    throw badRequest(
      `${kind} in version "${version}" cannot be handled as a ${kind}: strict decoding error: ${fields
        .map((field) => `unknown field "${field}"`)
        .join(', ')}`,
    );
  }

  #requireNamespace(type: ResourceType, object: KubernetesObject): void {
    if (!type.namespaced) return;
    const name = object.metadata.namespace ?? '';
    const namespace = this.#parts.store.get('namespaces', name);
    if (namespace === undefined) {
      const namespaces = this.#parts.registry.byKey('namespaces');
      throw notFound(namespaces ?? type, name);
    }
    if (fieldAt(namespace, 'status', 'phase') === 'Terminating') {
      throw forbidden(
        type,
        object.metadata.name,
        `unable to create new content in namespace ${name} because it is being terminated`,
      );
    }
  }
}

/** A status that has a path of its own is left out of what is applied to the object itself. */
function withoutForeignStatus(given: KubernetesObject, type: ResourceType, options: WriteOptions): KubernetesObject {
  if (options.subresource !== undefined || !type.subresources.includes('status')) return given;
  const { status: _, ...rest } = given;
  return rest;
}

/** The object as a version of its resource shows it: custom resources without conversion differ in `apiVersion` only. */
export const inVersion = (object: KubernetesObject, type: ResourceType): KubernetesObject =>
  object.apiVersion === groupVersion(type) ? object : { ...object, apiVersion: groupVersion(type) };

/** Gives an object with `generateName` and no name its name: the prefix and five characters. */
function named(object: KubernetesObject): KubernetesObject {
  const { name, generateName } = object.metadata;
  if ((name ?? '') !== '' || (generateName ?? '') === '') return object;
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  const suffix = Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('');
  return { ...object, metadata: { ...object.metadata, name: `${(generateName ?? '').slice(0, 58)}${suffix}` } };
}

function withoutServerFields(metadata: ObjectMeta): ObjectMeta {
  const {
    resourceVersion: _r,
    generation: _g,
    creationTimestamp: _c,
    deletionTimestamp: _d,
    deletionGracePeriodSeconds: _s,
    uid: _u,
    ...rest
  } = metadata;
  return rest;
}

import { type Fields, isFields, type KubernetesObject, type ObjectMeta, wordOf } from '#model/kubernetes';
import { badRequest, conflict } from '../protocol/api-error.js';
import { groupVersion, type ResourceType } from '../resource-type.js';
import { typedObject } from './typed-object.js';

interface PlaceOfBody {
  readonly namespace: string | undefined;
  readonly name?: string | undefined;
}

/**
 * Reads a request's body as an object of the resource. Throws 400 when it is none, is of another kind, or names another
 * namespace or name than the path.
 */
export function objectOfBody(body: unknown, type: ResourceType, place: PlaceOfBody): KubernetesObject {
  if (!isFields(body)) throw badRequest('the body of the request must be an object');
  const { apiVersion = groupVersion(type), kind = type.kind, metadata = {}, ...rest } = body;
  if (apiVersion !== groupVersion(type) || kind !== type.kind) {
    throw badRequest(
      `${wordOf(kind)} in version ${JSON.stringify(apiVersion)} cannot be handled as a ${type.kind}: expected apiVersion ${groupVersion(type)} and kind ${type.kind}`,
    );
  }
  if (!isFields(metadata)) throw badRequest('metadata must be an object');
  const object = { kind: type.kind, apiVersion: groupVersion(type), metadata: placed(metadata, type, place), ...rest };
  return type.custom ? object : typedObject(withoutNulls(object) as KubernetesObject);
}

/** The metadata with the name and namespace of the path. Throws 400 when it names others. */
function placed(metadata: Fields, type: ResourceType, place: PlaceOfBody): ObjectMeta {
  const { namespace, name, ...others } = metadata;
  const elsewhere = typeof namespace === 'string' && namespace !== '' && namespace !== (place.namespace ?? namespace);
  if (elsewhere) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (place.name !== undefined && name !== undefined && name !== place.name) {
    throw badRequest(`the name of the object (${wordOf(name)}) does not match the name on the URL (${place.name})`);
  }
  const ownName = typeof name === 'string' ? name : place.name;
  return {
    ...(ownName === undefined ? {} : { name: ownName }),
    ...(type.namespaced ? { namespace: place.namespace } : {}),
    ...others,
  } as ObjectMeta;
}

/** An update of `current`: fields that the server owns stay, and `status` or the rest stays, by the subresource. */
export function updateOf(
  current: KubernetesObject,
  body: KubernetesObject,
  type: ResourceType,
  subresource: string | undefined,
): KubernetesObject {
  checkPreconditions(current, body, type);
  const kept = keptMetadata(current);
  if (subresource === 'status') {
    const { status: _, ...rest } = current;
    return body.status === undefined ? rest : { ...rest, status: body.status };
  }
  const metadata = { ...body.metadata, ...kept } as ObjectMeta;
  const { status: given, ...rest } = body;
  const status = type.subresources.includes('status') ? current.status : given;
  const next = { ...rest, metadata } as KubernetesObject;
  return status === undefined ? next : { ...next, status };
}

function checkPreconditions(current: KubernetesObject, body: KubernetesObject, type: ResourceType): void {
  const { resourceVersion, uid } = body.metadata;
  if (resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== current.metadata.resourceVersion) {
    throw conflict(type, current.metadata.name);
  }
  if (uid !== undefined && uid !== '' && uid !== current.metadata.uid) {
    throw conflict(
      type,
      current.metadata.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid ?? ''}`,
    );
  }
}

/** Metadata that only the server writes. */
function keptMetadata(current: KubernetesObject): Fields {
  const { name, namespace, uid, creationTimestamp, generation, generateName, resourceVersion } = current.metadata;
  const { deletionTimestamp, deletionGracePeriodSeconds } = current.metadata;
  const kept = { name, namespace, uid, creationTimestamp, generation, generateName, resourceVersion };
  return Object.fromEntries(
    Object.entries({ ...kept, deletionTimestamp, deletionGracePeriodSeconds }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}

/** The value as a typed API reads it: a null field is a missing one, a null item of a list an empty object. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => (item === null ? {} : withoutNulls(item)));
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null)
      .map(([name, field]) => [name, withoutNulls(field)]),
  );
}

import { type Fields, withoutUndefined } from '#model/kubernetes';
import { type ResourceType, resourceKey } from '../resource-type.js';

/** One cause of an `Invalid` error: a field and what is wrong with it (API type `StatusCause`). */
export interface FieldError {
  readonly field: string;
  readonly reason:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueForbidden'
    | 'FieldValueDuplicate'
    | 'ResourceVersionTooLarge';
  /** Begins as the API server's own messages do: `Required value: …`, `Invalid value: "x": …`. */
  readonly message: string;
}

interface StatusDetails {
  readonly name?: string | undefined;
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
  readonly uid?: string | undefined;
  readonly causes?: readonly FieldError[] | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

/** An error that the API answers with: carries the HTTP code, and becomes a `metav1.Status`. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  /** The `metav1.Status` of the error. */
  toStatus(): Fields {
    const details = this.details;
    return withoutUndefined({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason === '' ? undefined : this.reason,
      details: details === undefined ? undefined : withoutUndefined({ ...details }),
      code: this.code,
    });
  }
}

const detailsOf = (type: ResourceType, name: string): StatusDetails => ({
  name,
  group: type.group === '' ? undefined : type.group,
  kind: type.plural,
});

/** 404: no object of the name (`apierrors.NewNotFound`). */
export const notFound = (type: ResourceType, name: string): ApiError =>
  new ApiError(404, 'NotFound', `${resourceKey(type)} "${name}" not found`, detailsOf(type, name));

/** 404: no such path. */
export const unknownPath = (): ApiError =>
  new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});

/** 405: the resource does not do that. */
export const methodNotAllowed = (): ApiError =>
  new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

/** 409: an object of the name is there. */
export const alreadyExists = (type: ResourceType, name: string): ApiError =>
  new ApiError(409, 'AlreadyExists', `${resourceKey(type)} "${name}" already exists`, detailsOf(type, name));

/** 409: the object has changed since it was read, or a precondition failed. */
export const conflict = (type: ResourceType, name: string, why?: string): ApiError =>
  new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${resourceKey(type)} "${name}": ${
      why ?? 'the object has been modified; please apply your changes to the latest version and try again'
    }`,
    detailsOf(type, name),
  );

/** 400: the request cannot be read. */
export const badRequest = (message: string): ApiError => new ApiError(400, 'BadRequest', message);

/** 403: the request is understood and refused. */
export const forbidden = (type: ResourceType, name: string, why: string, causes?: readonly FieldError[]): ApiError =>
  new ApiError(403, 'Forbidden', `${resourceKey(type)} "${name}" is forbidden: ${why}`, {
    ...detailsOf(type, name),
    causes,
  });

/** 415: a body that the server does not take. */
export const unsupportedMediaType = (given: string, supported: readonly string[]): ApiError =>
  new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${supported.join(', ')} (got ${given})`,
    {},
  );

/** 410: the resourceVersion or continue token is older than the history that is kept. */
export const expired = (message: string): ApiError => new ApiError(410, 'Expired', message);

/** 422: fields are wrong, each with its own message (`apierrors.NewInvalid`). */
export function invalid(group: string, kind: string, name: string, errors: readonly FieldError[]): ApiError {
  const lines = errors.map((error) => `${error.field}: ${error.message}`);
  const text = lines.length === 1 ? (lines[0] ?? '') : `[${lines.join(', ')}]`;
  const qualified = group === '' ? kind : `${kind}.${group}`;
  return new ApiError(422, 'Invalid', `${qualified} "${name}" is invalid: ${text}`, {
    name,
    group: group === '' ? undefined : group,
    kind,
    causes: errors,
  });
}

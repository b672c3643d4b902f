import jsonpatch from 'fast-json-patch';
import { ApiError, badRequest } from '../protocol/api-error.js';

/**
 * Applies a JSON patch (RFC 6902). Throws 400 for a patch that is no list of operations and 422 for one that does not
 * fit the object, as the API server does.
 */
export function applyJsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch must be a list of operations');
  const error = jsonpatch.validate(patch, target);
  if (error?.name === 'OPERATION_NOT_AN_OBJECT' || error?.name === 'OPERATION_OP_INVALID') {
    throw badRequest(`error decoding patch: ${error.name}`);
  }
  if (error !== undefined) {
    throw new ApiError(422, 'Invalid', `the server rejected our request due to an error in our request: ${error.name}`);
  }
  return jsonpatch.applyPatch(structuredClone(target), patch).newDocument;
}

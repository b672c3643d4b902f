import { type RequestNode, readJsonBody, readXmlBody } from '../write/index.js';
import type { ApiRequest } from './api-request.js';

/**
 * The objects of a request's body, read by the suffix of its URL alone: an APIC looks at no content type
 * (apic-protocol.md §0). Throws the errors of a body that cannot be read.
 */
export const requestNodes = (request: ApiRequest): readonly RequestNode[] =>
  request.format === 'xml' ? readXmlBody(request.body) : readJsonBody(request.body);

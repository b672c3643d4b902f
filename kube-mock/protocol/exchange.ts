import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse } from 'yaml';
import { ApiError, badRequest, unsupportedMediaType } from './api-error.js';
import { type Accepted, negotiate } from './media-type.js';
import { decodeProtobuf, PROTOBUF } from './protobuf.js';

/** Largest body taken, as in the API server. */
const MAX_BODY = 3 * 1024 * 1024;

/** One request and its answer. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly accepted: Accepted;
  /** Media type of the body, without parameters. */
  readonly contentType: string;
  readonly body: Buffer;
  readonly response: ServerResponse;
}

/** Reads a request whole. Throws 406 for an Accept header that cannot be served and 413 for a body that is too large. */
export async function readExchange(request: IncomingMessage, response: ServerResponse): Promise<Exchange> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) {
      throw new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BODY}`, {});
    }
    chunks.push(chunk);
  }
  const url = new URL(request.url ?? '/', 'http://kube-mock');
  return {
    method: request.method ?? 'GET',
    url,
    // OpenAPI has media types of its own.
    accepted: negotiate(url.pathname.startsWith('/openapi/') ? undefined : request.headers.accept),
    contentType: (request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '',
    body: Buffer.concat(chunks),
    response,
  };
}

const JSON_TYPES = ['application/json', ''];
const YAML_TYPES = ['application/yaml', 'application/x-yaml'];

/** The object in a body: JSON, YAML or protobuf. Throws 415 for another media type and 400 for a body that cannot be read. */
export function bodyObject({ body, contentType }: Exchange): unknown {
  if (contentType === PROTOBUF) return decodeProtobuf(body);
  if (![...JSON_TYPES, ...YAML_TYPES].includes(contentType)) {
    throw unsupportedMediaType(contentType, ['application/json', 'application/yaml', PROTOBUF]);
  }
  return parseText(body.toString('utf8'), YAML_TYPES.includes(contentType));
}

/** Parses JSON, or YAML. Throws 400 when it is neither. */
export function parseText(text: string, yaml: boolean): unknown {
  try {
    return yaml ? (parse(text) as unknown) : (JSON.parse(text) as unknown);
  } catch (error) {
    throw badRequest(
      `the body of the request cannot be read: ${error instanceof Error ? error.message : 'bad syntax'}`,
    );
  }
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, code: number, text: string, contentType = 'application/json'): void {
  response.writeHead(code, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

/** Answers with a `metav1.Status` of an error. Anything but an {@link ApiError} is a fault of the server: 500. */
export function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const message = error instanceof Error ? error.message : String(error);
  const known =
    error instanceof ApiError ? error : new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, {});
  sendJson(response, known.code, JSON.stringify(known.toStatus()));
}

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { ApicError } from '../apic-error.js';
import { metadataPage } from '../metadata/index.js';
import { encodeReply, replyObject, type WireFormat } from '../wire/index.js';
import type { ApiReply } from './api-request.js';
import type { ApicParts } from './apic-parts.js';
import { answerControl, isControl } from './control-answer.js';
import { NginxRefusal, nginxPage } from './html-pages.js';
import { readBody } from './request-body.js';
import { type RequestUrl, readRequestUrl } from './request-url.js';
import { responseHeaders, tokenCookie } from './response-headers.js';
import { answer } from './routes.js';

interface Answered {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly text: string;
}

/** Answers any HTTP request, whatever it is: errors always in the APIC's form, HTML where no API is. */
export async function handleRequest(
  parts: ApicParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const raw = request.url ?? '/';
  const url = readRequestUrl(raw);
  const method = request.method ?? 'GET';
  const body = await bodyOf(request);
  if (parts.control !== undefined && isControl(url)) return answerControl(parts, response, { method, url, body });
  if (parts.latencyMilliseconds > 0) await delay(parts.latencyMilliseconds);
  const answered = answerAny(parts, { request, url, method, body });
  parts.tally.requests += 1;
  if (answered.status >= 400) parts.tally.errors += 1;
  const text = typeof body === 'string' ? body : '';
  parts.log.add({ time: parts.now(), method, url: raw, status: answered.status, body: text });
  response.writeHead(answered.status, { ...answered.headers, 'Content-Length': Buffer.byteLength(answered.text) });
  response.end(method === 'HEAD' ? undefined : answered.text);
}

/** Longest URL that nginx lets through: somewhere between four and eight KB (apic-protocol.md §2.3). */
const MAX_URL_CHARACTERS = 8192;

/** What nginx answers by itself, what it passes on to the API, and what it serves as files. */
function answerAny(parts: ApicParts, arrived: Arrived): Answered {
  const { request, url, method, body } = arrived;
  if ((request.url ?? '').length > MAX_URL_CHARACTERS) return htmlPage(414);
  if (typeof body !== 'string') return htmlPage(413);
  if (isApi(url)) return answerApi(parts, { ...arrived, body });
  const page = method === 'GET' && url.format === 'json' ? metadataPage(url.path) : undefined;
  if (page === undefined) return htmlPage(404);
  return { status: 200, headers: { Server: 'Cisco APIC', 'Content-Type': 'application/json' }, text: page };
}

const isApi = (url: RequestUrl): boolean => url.path === '/api' || url.path.startsWith('/api/');

/** The body, or the error that reading it gave: the answer to either has to be in the API's form. */
async function bodyOf(request: IncomingMessage): Promise<string | ApicError> {
  try {
    return await readBody(request);
  } catch (error) {
    if (error instanceof ApicError) return error;
    throw error;
  }
}

interface Arrived {
  readonly request: IncomingMessage;
  readonly url: RequestUrl;
  readonly method: string;
  readonly body: string | ApicError;
}

function answerApi(parts: ApicParts, arrived: Arrived & { readonly body: string }): Answered {
  const { request, url, method, body } = arrived;
  const format = url.format ?? 'json';
  if (method === 'OPTIONS') return { status: 200, headers: headersOf(parts, format), text: '' };
  try {
    parts.failures.check(method, request.url ?? '');
    if (url.path === '/api/aaaLogin') parts.loginLimit.count(parts.now());
    if (url.format === undefined) throw new ApicError(400, 400, 'Request failed, URL must end with .json or .xml');
    const reply = answer(parts, { method, url, rawUrl: request.url ?? '', format, headers: request.headers, body });
    return success(parts, format, reply);
  } catch (error) {
    return error instanceof NginxRefusal ? htmlPage(error.status) : failure(parts, format, error);
  }
}

const headersOf = (parts: ApicParts, format: WireFormat): OutgoingHttpHeaders =>
  responseHeaders(format, parts.settings.secureCookie);

function success(parts: ApicParts, format: WireFormat, reply: ApiReply): Answered {
  const { token } = reply;
  const cookie = token === undefined ? {} : { 'Set-Cookie': tokenCookie(token, parts.settings.secureCookie) };
  return {
    status: 200,
    headers: { ...headersOf(parts, format), ...cookie },
    text: reply.verbatim ?? encodeReply(format, reply),
  };
}

function failure(parts: ApicParts, format: WireFormat, error: unknown): Answered {
  const known = error instanceof ApicError ? error : internalError(parts, error);
  const objects = [replyObject('error', { code: known.code, text: known.message })];
  return {
    status: known.status,
    headers: headersOf(parts, format),
    text: encodeReply(format, { totalCount: 1, objects }),
  };
}

/** A fault of the simulator itself: counted, and told on stderr, because nothing else would bring it to light. */
function internalError(parts: ApicParts, error: unknown): ApicError {
  parts.tally.internalErrors += 1;
  console.error('apic-mock: internal error', error);
  return new ApicError(500, 500, 'Internal error of the simulator; see its standard error');
}

const htmlPage = (status: number): Answered => ({
  status,
  headers: { Server: 'Cisco APIC', 'Content-Type': 'text/html' },
  text: nginxPage(status),
});

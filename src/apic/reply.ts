import type { FlatObject } from '#model/aci';
import { ApicBusyError, ApicRejectedError, ApicSessionError, ApicSocketError } from './errors.js';
import type { HttpReply } from './http.js';

/** What a successful answer says. */
export interface ApicReply {
  /** Size of the whole result, of which this may be one page. */
  readonly totalCount: number;
  /** The objects at the top level, as the APIC spells them. */
  readonly objects: readonly FlatObject[];
  readonly subscriptionId: string | undefined;
}

/** What an answer is about, for messages. `about` is the Dn, or what was asked. */
export interface ReplyContext {
  readonly url: string;
  readonly about: string;
}

/** Reads an answer, or throws the error that it means (apic-protocol.md §1.4 and §4). */
export function readReply(reply: HttpReply, context: ReplyContext): ApicReply {
  const document = parsed(reply.body);
  const failure = document === undefined ? undefined : firstError(document);
  if (reply.status === 200 && document !== undefined && failure === undefined) return toReply(document);
  throw errorOf(reply, failure, context);
}

/** The APIC's code and text of an error answer. */
export interface ApicFailure {
  readonly code: string;
  readonly text: string;
}

/** The error that a failed answer names, or undefined for a body that is not the APIC's. */
export function failureOf(reply: HttpReply): ApicFailure | undefined {
  const document = parsed(reply.body);
  return document === undefined ? undefined : firstError(document);
}

function errorOf(reply: HttpReply, failure: ApicFailure | undefined, { url, about }: ReplyContext): Error {
  const { status, retryAfterMs } = reply;
  if (status === 413 || status === 414) {
    return new ApicRejectedError(about, String(status), `the request is too large for the APIC (HTTP ${status})`);
  }
  // A page of the proxy in front of the APIC says nothing about the request itself (§1.4: throttled logins and more).
  if (failure === undefined) return new ApicBusyError(url, notOurs(reply, about), retryAfterMs);
  if (status === 401 || status === 403) return new ApicSessionError(url, about, failure.text);
  if (status === 405) return new ApicSocketError(url, `${failure.text} (HTTP 405)`);
  if (status === 202 || status === 429 || status >= 500) {
    return new ApicBusyError(url, `${failure.text} (HTTP ${status})`, retryAfterMs);
  }
  return new ApicRejectedError(about, failure.code, failure.text);
}

function notOurs({ status, body }: HttpReply, about: string): string {
  const form = body.trimStart().startsWith('<') ? 'an HTML page' : 'something that is not its JSON';
  return `it answered ${about} with ${body === '' ? 'nothing' : form} (HTTP ${status})`;
}

interface ReplyDocument {
  readonly totalCount?: unknown;
  readonly subscriptionId?: unknown;
  readonly imdata: readonly unknown[];
}

function parsed(body: string): ReplyDocument | undefined {
  try {
    const document: unknown = JSON.parse(body);
    return isRecord(document) && Array.isArray(document['imdata'])
      ? { ...document, imdata: document['imdata'] }
      : undefined;
  } catch {
    return undefined;
  }
}

function firstError(document: ReplyDocument): ApicFailure | undefined {
  const error = document.imdata.map(flatObject).find((object) => object?.className === 'error');
  return error === undefined
    ? undefined
    : { code: error.attributes['code'] ?? '', text: error.attributes['text'] ?? 'no reason given' };
}

function toReply(document: ReplyDocument): ApicReply {
  const objects = document.imdata.map(flatObject).filter((object) => object !== undefined);
  const { totalCount, subscriptionId } = document;
  return {
    totalCount: typeof totalCount === 'string' ? Number(totalCount) : objects.length,
    objects,
    subscriptionId: typeof subscriptionId === 'string' ? subscriptionId : undefined,
  };
}

/** One entry of an `imdata` list without its children, or undefined when it has not the form of an object. */
export function flatObject(entry: unknown): FlatObject | undefined {
  const [className, body] = (isRecord(entry) ? Object.entries(entry)[0] : undefined) ?? [];
  if (className === undefined || !isRecord(body) || !isRecord(body['attributes'])) return undefined;
  const attributes = Object.fromEntries(
    Object.entries(body['attributes']).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : String(value),
    ]),
  );
  return { className, dn: attributes['dn'] ?? '', attributes };
}

/** Whether a value of JSON is an object. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

import type { FlatObject } from '#model/aci';
import { ApicBusyError, ApicRejectedError, ApicSessionError, ApicSocketError } from './errors.js';
import type { HttpReply } from './http.js';
import type { WireDocument } from './wire/wire-format.js';

/** What a successful answer says. */
export interface ApicReply {
  /** Size of the whole result, of which this may be one page. */
  readonly totalCount: number;
  /** The objects at the top level, as the APIC spells them. */
  readonly objects: readonly FlatObject[];
  readonly subscriptionId: string | undefined;
}

/** What an answer is about. */
export interface ReplyContext {
  readonly url: string;
  /** The Dn, or what was asked, for messages. */
  readonly about: string;
  /** Whether it answers a request that would change the fabric. */
  readonly isWrite?: boolean;
}

/** Reads an answer, or throws the error that it means (apic-protocol.md §1.4 and §4). */
export function readReply(reply: HttpReply, context: ReplyContext): ApicReply {
  const { document } = reply;
  const failure = document === undefined ? undefined : firstError(document);
  if (reply.status === 200 && document !== undefined && failure === undefined) return toReply(document);
  throw errorOf(reply, failure, context);
}

/** The APIC's code and text of an error answer. */
interface ApicFailure {
  readonly code: string;
  readonly text: string;
}

function errorOf(reply: HttpReply, failure: ApicFailure | undefined, { url, about, isWrite }: ReplyContext): Error {
  const { status, retryAfterMs } = reply;
  if (status === 413 || status === 414) {
    return new ApicRejectedError(about, String(status), `the request is too large for the APIC (HTTP ${status})`);
  }
  // What cannot be read of a write will not be the next time either, and must not hold up what comes behind it.
  if (failure === undefined && status === 400 && isWrite === true) {
    return new ApicRejectedError(about, String(status), `the request was refused as it is, with ${contentOf(reply)}`);
  }
  // Any other page of that server says nothing about the request itself (§1.4: throttled logins and more).
  if (failure === undefined)
    return new ApicBusyError(url, `it answered ${about} with ${contentOf(reply)}`, retryAfterMs);
  if (status === 401 || status === 403) return new ApicSessionError(url, about, failure.text);
  if (status === 405) return new ApicSocketError(url, `${failure.text} (HTTP 405)`);
  if (status === 202 || status === 429 || status >= 500) {
    return new ApicBusyError(url, `${failure.text} (HTTP ${status})`, retryAfterMs);
  }
  return new ApicRejectedError(about, failure.code, failure.text);
}

const contentOf = ({ status, body, document }: HttpReply): string =>
  `${document === undefined ? formOf(body) : 'no reason'} (HTTP ${status})`;

function formOf(body: string): string {
  const start = body.slice(0, 100).trimStart().toLowerCase();
  if (start === '') return 'nothing';
  return /^<(!doctype )?html/.test(start) ? 'an HTML page' : 'something that is not the whole of an answer';
}

function firstError({ objects }: WireDocument): ApicFailure | undefined {
  const error = objects.find(({ className }) => className === 'error');
  return error === undefined
    ? undefined
    : { code: error.attributes['code'] ?? '', text: error.attributes['text'] ?? 'no reason given' };
}

function toReply({ objects, totalCount, subscriptionIds }: WireDocument): ApicReply {
  return {
    totalCount: totalCount === undefined ? objects.length : Number(totalCount),
    objects,
    subscriptionId: subscriptionIds[0],
  };
}

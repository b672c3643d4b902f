import type { IncomingHttpHeaders } from 'node:http';
import type { ReplyObject } from '../query/index.js';
import type { WireFormat } from '../wire/index.js';
import type { RequestUrl } from './request-url.js';

/** A request below `/api`, read in full. */
export interface ApiRequest {
  readonly method: string;
  readonly url: RequestUrl;
  /** Path and query byte for byte: what clients sign. */
  readonly rawUrl: string;
  readonly format: WireFormat;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A successful answer before it is spelled in a format; errors are thrown as `ApicError`. */
export interface ApiReply {
  readonly totalCount: number;
  readonly objects: readonly ReplyObject[];
  readonly subscriptionId?: string;
  /** A token to hand over as the APIC's cookie. */
  readonly token?: string | undefined;
  /** Text that stands instead of the envelope: aaaListDomains answers with plain objects. */
  readonly verbatim?: string;
}

/** The answer of what has nothing to say. */
export const EMPTY_REPLY: ApiReply = { totalCount: 0, objects: [] };

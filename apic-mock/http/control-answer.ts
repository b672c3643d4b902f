import type { ServerResponse } from 'node:http';
import type { ApicParts } from './apic-parts.js';
import type { RequestUrl } from './request-url.js';

/** Whether a URL belongs to the control plane and not to the APIC. */
export const isControl = (url: RequestUrl): boolean => url.path.startsWith('/mock/');

interface Arrived {
  readonly method: string;
  readonly url: RequestUrl;
  /** The text, or the error that reading it gave. */
  readonly body: string | Error;
}

/** Answers a request of the control plane. It is neither counted nor logged: it is not the APIC's. */
export async function answerControl(parts: ApicParts, response: ServerResponse, arrived: Arrived): Promise<void> {
  const { method, url, body } = arrived;
  const answered =
    typeof body === 'string'
      ? await parts.control?.({ method, path: url.path, query: url.query, body })
      : { status: 400, body: { error: body.message } };
  const text = JSON.stringify(answered?.body ?? {});
  response.writeHead(answered?.status ?? 404, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

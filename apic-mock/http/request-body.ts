import type { IncomingMessage } from 'node:http';
import { ApicError } from '../apic-error.js';

/** Largest body that is read. A real APIC's limit is not known; nginx in front of it has one. */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** Largest body that is swallowed to be able to answer; beyond it the connection is cut. */
const MAX_SWALLOWED_BYTES = 20 * MAX_BODY_BYTES;

/**
 * Reads a request's body as UTF-8. Throws 413 for one larger than {@link MAX_BODY_BYTES}, after it has been
 * swallowed, so that the client gets the answer and not a broken pipe.
 */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const piece = chunk as Buffer;
    bytes += piece.length;
    if (bytes > MAX_SWALLOWED_BYTES) request.destroy();
    if (bytes <= MAX_BODY_BYTES) chunks.push(piece);
    else chunks.length = 0;
  }
  if (bytes > MAX_BODY_BYTES) throw new ApicError(413, 413, `Request body is larger than ${MAX_BODY_BYTES} bytes`);
  return Buffer.concat(chunks).toString('utf8');
}

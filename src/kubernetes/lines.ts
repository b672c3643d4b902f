import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { GatewayError } from '#errors';
import { networkFailure } from '#runtime';
import { KubernetesStreamError, KubernetesUnreachableError } from './errors.js';

/** etcd takes no object larger than 1.5 MiB; a line much longer than one is not an event. */
const LONGEST_LINE = 16 * 1024 * 1024;

/** How a stream is read. */
export interface LinesOptions {
  /** For messages. */
  readonly path: string;
  /** The reading ends after this long without a byte, as if the server had closed. */
  readonly inactivityMs: number;
}

/**
 * The lines of a stream as they come. Ends when the stream does, and after too long a silence; throws when the stream
 * breaks or ends inside a line, whose beginning is dropped: the next watch says it again.
 */
export async function* linesOf(stream: Readable, options: LinesOptions): AsyncGenerator<string, void> {
  const decoder = new StringDecoder('utf8');
  const silence = new Silence(stream, options.inactivityMs);
  let rest = '';
  try {
    for await (const chunk of stream) {
      silence.broken();
      const lines = (rest + decoder.write(Buffer.from(chunk as Uint8Array))).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LONGEST_LINE)
        throw new KubernetesStreamError(`${options.path}: the watch sent an endless line`);
      for (const line of lines) if (line.trim() !== '') yield line;
    }
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    if (!silence.fell) throw broken(options.path, networkFailure(error).reason);
  } finally {
    silence.end();
    stream.destroy();
  }
  if (rest.trim() !== '' && !silence.fell) throw broken(options.path, 'it ended inside a line');
}

const broken = (path: string, reason: string): KubernetesUnreachableError =>
  new KubernetesUnreachableError(path, `the watch broke: ${reason}`);

/** Destroys a stream that says nothing for too long. */
class Silence {
  fell = false;
  readonly #timer: NodeJS.Timeout;

  constructor(stream: Readable, afterMs: number) {
    this.#timer = setTimeout(() => {
      this.fell = true;
      stream.destroy(new Error('nothing came for too long'));
    }, afterMs);
  }

  broken(): void {
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

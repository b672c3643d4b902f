import assert from 'node:assert/strict';

/** A stream of server-sent events that is being read. */
export interface ReadEvents {
  /** The content of the next event of the name that was not given yet; rejects when none comes within five seconds. */
  next(name: string): Promise<unknown>;
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>;
  close(): void;
}

const LIMIT_MS = 5000;

/** Opens a stream of server-sent events whose data are JSON. */
export async function readEvents(url: string): Promise<ReadEvents> {
  const closing = new AbortController();
  const response = await fetch(url, { signal: closing.signal });
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  const waiting = new Map<string, unknown[]>();
  let wake = (): void => undefined;
  const take = (block: string): void => {
    const name = /^event: (.+)$/m.exec(block)?.[1];
    const data = /^data: (.+)$/m.exec(block)?.[1];
    if (name === undefined || data === undefined) return;
    waiting.set(name, [...(waiting.get(name) ?? []), JSON.parse(data)]);
    wake();
  };
  const ended = readBlocks(response, take).catch((error: unknown) => {
    if (!closing.signal.aborted) throw error;
  });
  return {
    next: async (name) => {
      const until = Date.now() + LIMIT_MS;
      while ((waiting.get(name) ?? []).length === 0) {
        assert.ok(Date.now() < until, `no event '${name}' came`);
        await new Promise<void>((resolve) => {
          wake = resolve;
          setTimeout(resolve, 50);
        });
      }
      return waiting.get(name)?.shift();
    },
    ended,
    close: () => closing.abort(),
  };
}

async function readBlocks({ body }: Response, take: (block: string) => void): Promise<void> {
  assert.ok(body !== null);
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true });
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) take(block);
  }
}

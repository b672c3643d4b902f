/** One request as it was answered. Holds no passwords and no tokens. */
export interface RequestLogEntry {
  /** Milliseconds of the simulator's clock. */
  readonly time: number;
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly body?: string;
}

const MAX_ENTRIES = 10_000;
const MAX_BODY = 20_000;

/** Values of these JSON or XML attributes never reach the log; XML may quote them either way. */
const SECRETS =
  /("?(?:pwd|pwdEnc|oldPassword|newPassword|key|secret|token|authKey|privKey|otpkey|passphrase)"?\s*[:=]\s*)("(?:[^"\\]|\\.)*"?|'[^']*'?)/gi;

/** The last requests, the oldest first. */
export class RequestLog {
  readonly #entries: RequestLogEntry[] = [];

  /** Adds an entry with its secrets blotted out. */
  add(entry: RequestLogEntry): void {
    const { body, url, ...rest } = entry;
    const shown = body === undefined || body === '' ? {} : { body: redacted(body.slice(0, MAX_BODY)) };
    this.#entries.push({ ...rest, url: redactedUrl(url), ...shown });
    if (this.#entries.length > MAX_ENTRIES) this.#entries.splice(0, MAX_ENTRIES / 10);
  }

  entries(): readonly RequestLogEntry[] {
    return [...this.#entries];
  }

  clear(): void {
    this.#entries.length = 0;
  }
}

const redacted = (text: string): string => text.replace(SECRETS, '$1"***"');

const redactedUrl = (url: string): string =>
  url.replace(/^\/socket[^?]*/, '/socket***').replace(/([?&](?:challenge|token)=)[^&]*/gi, '$1***');

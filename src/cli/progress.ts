/** Tells on stderr what is going on; in colour and with a rewritten last line only on a terminal. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  #transient = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** Something is done. */
  step(text: string): void {
    this.#line(`${this.#paint('32', '✓')} ${text}`);
  }

  /** Everything is done. */
  done(text: string): void {
    this.#line(`${this.#paint('1;32', '✓')} ${text}`);
  }

  /** It did not work. */
  fail(text: string): void {
    this.#line(`${this.#paint('31', '✗')} ${text}`);
  }

  /** Something that is worth knowing. */
  note(text: string): void {
    this.#line(`  ${text}`);
  }

  /** What is being waited for: replaces itself on a terminal, and is said once elsewhere. */
  waiting(text: string): void {
    if (this.#stream.isTTY) this.#stream.write(`\r\u001B[2K… ${text}`);
    else if (!this.#transient) this.#stream.write(`… ${text}\n`);
    this.#transient = true;
  }

  #line(text: string): void {
    if (this.#transient && this.#stream.isTTY) this.#stream.write('\r\u001B[2K');
    this.#transient = false;
    this.#stream.write(`${text}\n`);
  }

  #paint(code: string, text: string): string {
    return this.#stream.isTTY && process.env['NO_COLOR'] === undefined ? `\u001B[${code}m${text}\u001B[0m` : text;
  }
}

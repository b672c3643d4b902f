import { filterError } from '../apic-error.js';
import type { ComparisonOperator, FilterExpression } from './filter-ast.js';

/** How many values a comparison takes. */
const COMPARISONS: Readonly<Record<ComparisonOperator, number>> = {
  eq: 1,
  ne: 1,
  lt: 1,
  gt: 1,
  le: 1,
  ge: 1,
  bw: 2,
  wcard: 1,
  anybit: 1,
  allbits: 1,
};

/** Deepest nesting that is read; the depth of real filters is below ten. */
const MAX_DEPTH = 100;

const isComparison = (word: string): word is ComparisonOperator => Object.hasOwn(COMPARISONS, word);

/**
 * Reads a filter (grammar of apic-protocol.md §2.3). Blanks between tokens, single-argument `and`/`or`, bare and quoted
 * values are all legal. Throws code 301 with `no such filter type` for an unknown operator, else `Incorrect filter format`.
 */
export function parseFilter(text: string): FilterExpression {
  const parser = new FilterParser(text);
  const expression = parser.expression(0);
  parser.end();
  return expression;
}

class FilterParser {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  expression(depth: number): FilterExpression {
    if (depth > MAX_DEPTH) throw this.#malformed();
    const word = this.#word(/[A-Za-z]+/y);
    this.#expect('(');
    const expression = isComparison(word) ? this.#comparison(word) : this.#logic(word, depth);
    this.#expect(')');
    return expression;
  }

  end(): void {
    this.#skipBlanks();
    if (this.#position < this.#text.length) throw this.#malformed();
  }

  #logic(word: string, depth: number): FilterExpression {
    switch (word) {
      case 'true':
      case 'pholder':
      case 'passive':
        return { kind: 'constant', value: true };
      case 'false':
        return { kind: 'constant', value: false };
      case 'not':
        return { kind: 'not', operand: this.expression(depth + 1) };
      case 'and':
      case 'or':
      case 'xor':
        return { kind: word, operands: this.#list(() => this.expression(depth + 1)) };
      default:
        throw filterError(`no such filter type ${word}`);
    }
  }

  #comparison(operator: ComparisonOperator): FilterExpression {
    const className = this.#word(/[A-Za-z0-9_]+/y);
    this.#expect('.');
    const property = this.#word(/[A-Za-z0-9_]+/y);
    this.#expect(',');
    const values = this.#list(() => this.#value());
    if (values.length !== COMPARISONS[operator]) throw this.#malformed();
    return { kind: 'comparison', operator, className, property, values };
  }

  #list<T>(item: () => T): readonly T[] {
    const items = [item()];
    while (this.#peek() === ',') {
      this.#position += 1;
      items.push(item());
    }
    return items;
  }

  #value(): string {
    const quote = this.#peek();
    if (quote === '"' || quote === "'") return this.#quoted(quote);
    return this.#word(/[^,()"']+/y).trim();
  }

  /** A backslash keeps its meaning for `wcard`; it only hides a quote. */
  #quoted(quote: string): string {
    this.#position += 1;
    let text = '';
    while (this.#position < this.#text.length) {
      const char = this.#text[this.#position] ?? '';
      const next = this.#text[this.#position + 1];
      this.#position += 1;
      if (char === quote) return text;
      if (char === '\\' && next === quote) {
        this.#position += 1;
        text += quote;
      } else text += char;
    }
    throw this.#malformed();
  }

  #word(pattern: RegExp): string {
    this.#skipBlanks();
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text);
    if (match === null) throw this.#malformed();
    this.#position = pattern.lastIndex;
    return match[0];
  }

  #expect(char: string): void {
    if (this.#peek() !== char) throw this.#malformed();
    this.#position += 1;
  }

  #peek(): string | undefined {
    this.#skipBlanks();
    return this.#text[this.#position];
  }

  #skipBlanks(): void {
    while (this.#text[this.#position] === ' ') this.#position += 1;
  }

  #malformed(): Error {
    return filterError(`Incorrect filter format for '${this.#text}' at position ${this.#position}`);
  }
}

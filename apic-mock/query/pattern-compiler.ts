import type { PatternStep } from './pattern-program.js';

/** Longest program that is run: real patterns have some dozens of steps. */
const MAX_STEPS = 2000;

/** Deepest nesting of groups. */
const MAX_DEPTH = 50;

const MATCH: PatternStep = { kind: 'match' };

/**
 * Compiles a regular expression that JavaScript takes as well: literals, `.`, classes, `^ $`, groups, alternation and all
 * quantifiers. Undefined for what cannot be run in bounded time (back references, look-around), for word boundaries, and
 * for programs that would be too long.
 */
export function compilePattern(source: string): readonly PatternStep[] | undefined {
  try {
    const compiler = new PatternCompiler(source);
    return [...compiler.alternation(0), MATCH];
  } catch (error) {
    if (error instanceof UnsupportedPattern) return undefined;
    throw error;
  }
}

class UnsupportedPattern extends Error {}

type Fragment = readonly PatternStep[];

/** A fragment's forks count from its own start; they are moved when it is put behind another. */
const moved = (fragment: Fragment, by: number): Fragment =>
  fragment.map((step) => (step.kind === 'fork' ? { kind: 'fork', to: step.to.map((target) => target + by) } : step));

const joined = (fragments: readonly Fragment[]): Fragment => {
  const all: PatternStep[] = [];
  for (const fragment of fragments) {
    all.push(...moved(fragment, all.length));
    if (all.length > MAX_STEPS) throw new UnsupportedPattern();
  }
  return all;
};

const fork = (...to: readonly number[]): PatternStep => ({ kind: 'fork', to });

const optional = (body: Fragment): Fragment => joined([[fork(1, body.length + 1)], body]);

const repeated = (body: Fragment): Fragment => [fork(1, body.length + 2), ...moved(body, 1), fork(0)];

class PatternCompiler {
  readonly #source: string;
  #position = 0;

  constructor(source: string) {
    this.#source = source;
  }

  alternation(depth: number): Fragment {
    if (depth > MAX_DEPTH) throw new UnsupportedPattern();
    const branches = [this.#sequence(depth)];
    while (this.#source[this.#position] === '|') {
      this.#position += 1;
      branches.push(this.#sequence(depth));
    }
    return branches.reduceRight((others, branch) => {
      const first = [fork(1, branch.length + 2), ...moved(branch, 1), fork(branch.length + 2 + others.length)];
      return joined([first, others]);
    });
  }

  #sequence(depth: number): Fragment {
    const parts: Fragment[] = [];
    for (let char = this.#peek(); char !== undefined && char !== '|' && char !== ')'; char = this.#peek()) {
      parts.push(this.#quantified(this.#atom(depth)));
    }
    return joined(parts);
  }

  #atom(depth: number): Fragment {
    const char = this.#peek();
    if (char === '(') return this.#group(depth);
    if (char === '^' || char === '$') {
      this.#position += 1;
      return [{ kind: char === '^' ? 'start' : 'end' }];
    }
    return [{ kind: 'char', test: this.#charTest() }];
  }

  #group(depth: number): Fragment {
    this.#position += 1;
    if (this.#source.startsWith('?:', this.#position)) this.#position += 2;
    else if (this.#peek() === '?') throw new UnsupportedPattern();
    const body = this.alternation(depth + 1);
    this.#position += 1;
    return body;
  }

  /** One character: a class or an escape is asked of JavaScript's own engine, one character at a time. */
  #charTest(): (char: string) => boolean {
    const token = /\[(?:[^\]\\]|\\.)*\]|\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)|./sy;
    token.lastIndex = this.#position;
    const [text = ''] = token.exec(this.#source) ?? [];
    this.#position = token.lastIndex;
    if (/^\\[bB1-9k]/.test(text)) throw new UnsupportedPattern();
    if (text.length === 1 && text !== '.') return (char) => char === text;
    const expression = new RegExp(`^${text}$`);
    return (char) => expression.test(char);
  }

  #quantified(body: Fragment): Fragment {
    const token = /([*+?])\??|\{(\d+)(?:(,)(\d*))?\}\??/y;
    token.lastIndex = this.#position;
    const match = token.exec(this.#source);
    if (match === null) return body;
    this.#position = token.lastIndex;
    const [, sign, least = '0', comma, most] = match;
    if (sign === '*') return repeated(body);
    if (sign === '+') return joined([body, repeated(body)]);
    if (sign === '?') return optional(body);
    const minimum = Number(least);
    const maximum = comma === undefined ? minimum : most === '' || most === undefined ? undefined : Number(most);
    return counted(body, minimum, maximum);
  }

  #peek(): string | undefined {
    return this.#source[this.#position];
  }
}

function counted(body: Fragment, minimum: number, maximum: number | undefined): Fragment {
  if (Math.max(minimum, maximum ?? 0) * Math.max(body.length, 1) > MAX_STEPS) throw new UnsupportedPattern();
  const needed = Array.from({ length: minimum }, () => body);
  if (maximum === undefined) return joined([...needed, repeated(body)]);
  return joined([...needed, ...Array.from({ length: maximum - minimum }, () => optional(body))]);
}

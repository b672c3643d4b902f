import { LineCounter, parseDocument } from 'yaml';
import { InvalidInputError } from '#errors';

/**
 * The value of one YAML or JSON document; undefined for an empty one. Throws {@link InvalidInputError} with the place and the
 * kind of what is wrong, and nothing of the text: passwords stand in it. `name` stands for the file in messages.
 */
export function readYaml(name: string, text: string): unknown {
  const lineCounter = new LineCounter();
  try {
    // A warning of the library would show a part of the text on stderr.
    const document = parseDocument(text, { lineCounter, logLevel: 'error' });
    const [problem] = [...document.errors, ...document.warnings];
    if (problem === undefined) return document.toJS() ?? undefined;
    const { line, col } = lineCounter.linePos(problem.pos[0]);
    throw new InvalidInputError(`${name}:${line}:${col}: not YAML: ${kindOf(problem.code)}; ${ADVICE}`);
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    const what = error instanceof ReferenceError ? 'an alias that leads nowhere, or to too much' : 'nested too deep';
    throw new InvalidInputError(`${name}: not YAML: ${what}`);
  }
}

const ADVICE = 'a value with special characters needs quotes';

/** `BAD_SCALAR_START` → `bad scalar start`. */
const kindOf = (code: string): string => code.toLowerCase().replaceAll('_', ' ');

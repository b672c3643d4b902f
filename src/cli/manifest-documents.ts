import { type Document, isScalar, LineCounter, parseAllDocuments } from 'yaml';
import { messageOf } from '#errors';

/** Messages of the library say the place again when they are pretty, and its warnings are no lines of ours. */
const OPTIONS = { uniqueKeys: true, prettyErrors: false, logLevel: 'error' } as const;

/** One document of a file: where it stands, and its content or why it cannot be read. */
export type ManifestDocument = {
  /** `file:line`. */
  readonly place: string;
} & ({ readonly value: unknown } | { readonly problem: string });

/** A text, and how many lines stand before it in its file. */
interface Part {
  readonly text: string;
  readonly linesBefore: number;
}

/** The documents of a text of YAML or JSON, without those that hold nothing. One that cannot be read does not stop the others. */
export function readDocuments(file: string, text: string): readonly ManifestDocument[] {
  const whole = { text, linesBefore: 0 };
  return documentsOf(file, whole) ?? partsOf(text).flatMap((part) => documentsOf(file, part) ?? tooDeep(file, part));
}

/** The documents of a part; undefined when something in it is nested deeper than the parser goes. */
function documentsOf(file: string, { text, linesBefore }: Part): readonly ManifestDocument[] | undefined {
  const lines = new LineCounter();
  const placeOf = (offset: number): string => `${file}:${lines.linePos(offset).line + linesBefore}`;
  try {
    const documents = parseAllDocuments(text, { ...OPTIONS, lineCounter: lines });
    return Array.isArray(documents) ? documents.filter(holdsSomething).map((one) => readOne(one, placeOf)) : [];
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The parser has no depth limit of its own for blocks: it ends where the stack does, with all documents of the text. */
function partsOf(text: string): readonly Part[] {
  let linesBefore = 0;
  return text.split(/^(?=---(?:\s|$))/m).map((part) => {
    const here = { text: part, linesBefore };
    linesBefore += part.split('\n').length - 1;
    return here;
  });
}

const tooDeep = (file: string, { text, linesBefore }: Part): ManifestDocument => ({
  place: `${file}:${linesBefore + (text.startsWith('---') ? 2 : 1)}`,
  problem: NESTED_TOO_DEEP,
});

const NESTED_TOO_DEEP = 'nested too deep';

function holdsSomething({ contents, errors }: Document.Parsed): boolean {
  if (errors.length > 0) return true;
  return contents !== null && !(isScalar(contents) && contents.value === null);
}

function readOne(document: Document.Parsed, placeOf: (offset: number) => string): ManifestDocument {
  const start = document.contents?.range?.[0] ?? document.range[0];
  const [error] = document.errors;
  if (error !== undefined) {
    const isTooDeep = error.code === 'RESOURCE_EXHAUSTION';
    return { place: placeOf(error.pos[0]), problem: isTooDeep ? NESTED_TOO_DEEP : messageOf(error) };
  }
  const place = placeOf(start);
  try {
    return { place, value: document.toJS() };
  } catch (problem) {
    return { place, problem: problem instanceof RangeError ? NESTED_TOO_DEEP : messageOf(problem) };
  }
}

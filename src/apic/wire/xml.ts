import { Parser } from 'xml2js';
import { InvalidInputError } from '#errors';
import type { FlatObject, ManagedObject } from '#model/aci';
import type { WireDocument, WireFormat } from './wire-format.js';

/** `<imdata totalCount="1"><fvTenant dn="uni/tn-a" name="a"/></imdata>` (apic-protocol.md §0). */
export const xmlFormat: WireFormat = {
  suffix: 'xml',
  contentType: 'application/xml',
  read: (text: string) => readXml(text),
  write: (object: ManagedObject) => writeElement(object),
};

/** How large a document may be. */
export interface XmlLimits {
  readonly characters: number;
  /** Elements within one another. */
  readonly depth: number;
  /** Elements and attributes together. */
  readonly nodes: number;
}

/** A page of 2000 objects has some two million characters and eighty thousand nodes; the deepest tree some twenty levels. */
const LIMITS: XmlLimits = { characters: 64 * 1024 * 1024, depth: 64, nodes: 1_000_000 };

/** What the parser makes of an element when it keeps the order of the children. */
interface Element {
  readonly '#name'?: unknown;
  readonly $?: unknown;
  readonly $$?: unknown;
  readonly _?: unknown;
}

/** The document that the text says, or undefined when it is none, declares something, or is larger than the limits. */
export function readXml(text: string, limits: XmlLimits = LIMITS): WireDocument | undefined {
  if (text.length > limits.characters) return undefined;
  const root = parsed(text, limits);
  if (root?.['#name'] !== 'imdata' || hasText(root)) return undefined;
  const children = childrenOf(root);
  if (children.some(hasText)) return undefined;
  const { totalCount, subscriptionId } = attributesOf(root);
  return {
    totalCount,
    subscriptionIds: subscriptionId === undefined || subscriptionId === '' ? [] : subscriptionId.split(','),
    objects: children.map(toObject),
  };
}

function parsed(text: string, limits: XmlLimits): Element | undefined {
  const parser = new Parser({
    async: false,
    explicitRoot: false,
    explicitChildren: true,
    preserveChildrenOrder: true,
    strict: true,
  });
  try {
    const seen = harden(parser, limits);
    let root: unknown;
    parser.parseString(text, (error: Error | null, result: unknown) => {
      root = error === null ? result : undefined;
    });
    return isElement(root) && !seen.isBroken ? root : undefined;
  } catch {
    // The parser trips over attributes that hide what every object has, such as hasOwnProperty.
    return undefined;
  }
}

/** The hooks of sax, the tokenizer that the parser drives; its types do not show it. */
interface Tokenizer {
  onopentag: (node: { readonly attributes: object }) => void;
  onclosetag: (name: string) => void;
  onerror: (error: Error) => void;
  ondoctype?: () => never;
  onsgmldeclaration?: () => never;
}

/**
 * Refuses every declaration, so that no entity can be declared (those of XML itself are all that is left), and stops at
 * the limits while reading, before anything large has been built.
 */
function harden(parser: Parser, limits: XmlLimits): { readonly isBroken: boolean } {
  const tokenizer = tokenizerOf(parser);
  const { onopentag, onclosetag, onerror } = tokenizer;
  // The parser is content with the first root and forgets what its tokenizer finds behind it.
  const seen = { isBroken: false };
  let depth = 0;
  let nodes = 0;
  let roots = 0;
  const refuse = (): never => {
    throw new Error('a declaration is not allowed');
  };
  Object.assign(tokenizer, {
    onerror: (error: Error) => {
      seen.isBroken = true;
      onerror(error);
    },
    ondoctype: refuse,
    onsgmldeclaration: refuse,
    onopentag: (node: { readonly attributes: object }) => {
      if (depth === 0) roots += 1;
      depth += 1;
      nodes += 1 + Object.keys(node.attributes).length;
      if (roots > 1 || depth > limits.depth || nodes > limits.nodes)
        throw new Error('no answer of an APIC is like this');
      onopentag(node);
    },
    onclosetag: (name: string) => {
      depth -= 1;
      onclosetag(name);
    },
  });
  return seen;
}

function tokenizerOf(parser: Parser): Tokenizer {
  // A codec's cast: without the hooks nothing is read at all, so that another version of the parser cannot be softer.
  const { saxParser } = parser as unknown as { readonly saxParser?: Tokenizer };
  if (typeof saxParser?.onopentag !== 'function' || typeof saxParser.onclosetag !== 'function') {
    throw new Error('the XML parser has no tokenizer to harden');
  }
  return saxParser;
}

const isElement = (value: unknown): value is Element => typeof value === 'object' && value !== null;

const childrenOf = ({ $$ }: Element): readonly Element[] => (Array.isArray($$) ? $$.filter(isElement) : []);

/** Objects have attributes and children only: text says that this is another kind of document. */
const hasText = ({ _ }: Element): boolean => typeof _ === 'string' && _.trim() !== '';

function attributesOf({ $ }: Element): Readonly<Record<string, string>> {
  return isElement($) ? Object.fromEntries(Object.entries($).map(([name, value]) => [name, String(value)])) : {};
}

function toObject(element: Element): FlatObject {
  const attributes = attributesOf(element);
  return { className: String(element['#name']), dn: attributes['dn'] ?? '', attributes };
}

/**
 * An object with its children in their order. Written here, because the builder of xml2js puts children of one class
 * together, and so changes the order in which a transaction names them.
 */
function writeElement({ className, attributes, children }: ManagedObject): string {
  const head = Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escaped(value, `${className}.${name}`)}"`)
    .join('');
  if (children.length === 0) return `<${className}${head}/>`;
  return `<${className}${head}>${children.map(writeElement).join('')}</${className}>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

// oxlint-disable-next-line no-control-regex -- the characters that XML 1.0 (section 2.2) does not allow
const IMPOSSIBLE = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/u;

/** Blanks other than the space would be read as spaces inside an attribute (XML 1.0 section 3.3.3). */
function escaped(value: string, field: string): string {
  const [bad] = IMPOSSIBLE.exec(value) ?? [];
  if (bad !== undefined) {
    const code = bad.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    throw new InvalidInputError(`${field}: the character U+${code} cannot be said in XML; use apic.format: json`);
  }
  return value.replace(/[&<>"\t\n\r]/g, (char) => ENTITIES[char] ?? `&#${char.charCodeAt(0)};`);
}

import { Parser } from 'xml2js';
import type { Attributes } from '#model/aci';
import { badRequest, classNotFound } from '../apic-error.js';
import { MAX_DEPTH, type RequestNode } from './request-node.js';
import { duplicateAttribute } from './xml-duplicates.js';

/**
 * Stands around the body while it is parsed, so that a second root is seen as one and not lost: the parser would stop
 * after the first. No class of the model has a dot in its name.
 */
const WRAPPER = 'request.body';

/** What the parser makes of an element when it keeps the order of the children. */
interface Element {
  readonly '#name': string;
  readonly $?: Attributes;
  readonly $$?: readonly Element[];
  /** Text between the tags, when it is more than blanks. */
  readonly _?: string;
}

/**
 * Reads an XML body: one element, its XML attributes being the object's (apic-protocol.md §3.1, form 7). DOCTYPE and
 * every other declaration is refused, so that no entity can be declared. Throws code 122 for a second root (§3.1), else
 * code 400 in the manner of the JSON reader: the APIC's own text for broken XML is not known.
 */
export function readXmlBody(body: string): readonly RequestNode[] {
  const [root, second] = parse(withoutProlog(body)).$$ ?? [];
  if (root === undefined) throw xmlError('empty body', 1);
  if (second !== undefined) throw classNotFound(second['#name']);
  return [readElement(root, 1)];
}

const xmlError = (reason: string, line: number): Error => badRequest(`XML parsing failed - ${reason} at line: ${line}`);

/** The XML declaration may only stand at the very start; it gives way to its own line breaks, so that lines still count. */
const withoutProlog = (body: string): string =>
  body.replace(/^\uFEFF?\s*<\?xml\s[^>]*\?>/, (prolog) => prolog.replace(/[^\n]/g, ''));

function parse(body: string): Element {
  const declaration = /<!(?!--|\[CDATA\[)/.exec(body);
  if (declaration !== null) throw xmlError('DOCTYPE is not allowed', lineAt(body, declaration.index));
  const escape = body.indexOf(`</${WRAPPER}`);
  if (escape !== -1) throw xmlError('invalid data', lineAt(body, escape));
  const parser = new Parser({
    async: false,
    explicitRoot: false,
    explicitChildren: true,
    preserveChildrenOrder: true,
    strict: true,
  });
  let outcome: { readonly error: Error | null; readonly root: unknown } | undefined;
  try {
    parser.parseString(`<${WRAPPER}>${body}</${WRAPPER}>`, (error: Error | null, root: unknown) => {
      outcome ??= { error, root };
    });
  } catch (error) {
    // The parser trips over attributes that hide what every object has, such as hasOwnProperty.
    throw unreadable(body, error instanceof Error ? error : undefined);
  }
  if (outcome === undefined || outcome.error !== null) throw unreadable(body, outcome?.error);
  const duplicate = duplicateAttribute(body);
  if (duplicate !== undefined) throw xmlError('duplicate attribute', lineAt(body, duplicate));
  return outcome.root as Element;
}

/** The parser counts lines from 0. A fault at the very end is the wrapper's, that is: something was not closed. */
function unreadable(body: string, error: Error | null | undefined): Error {
  const line = Number(/Line: (\d+)/.exec(error?.message ?? '')?.[1] ?? 0) + 1;
  const isUnclosed = /^(Unclosed|Unexpected close|Unmatched)/.test(error?.message ?? '');
  return xmlError(isUnclosed ? 'mismatched tag' : 'invalid data', Math.min(line, lineAt(body, body.length)));
}

const lineAt = (text: string, position: number): number => text.slice(0, position).split('\n').length;

function readElement(element: Element, depth: number): RequestNode {
  if (depth > MAX_DEPTH) throw xmlError(`tree deeper than ${MAX_DEPTH} levels`, 1);
  const className = element['#name'];
  if ((element._ ?? '').trim() !== '')
    throw badRequest(`invalid data in element '${className}': an object has no text`);
  return {
    className,
    attributes: { ...element.$ },
    children: (element.$$ ?? []).map((child) => readElement(child, depth + 1)),
  };
}

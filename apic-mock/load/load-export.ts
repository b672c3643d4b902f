import { InvalidInputError } from '#errors';
import { type Attributes, classRow, propertySpec } from '#model/aci';
import { ApicError } from '../apic-error.js';
import { type Fabric, SYSTEM } from '../fabric/index.js';
import { ENVELOPE_PROPERTIES } from '../tree/index.js';
import { applyNode, placeRequest, type RequestNode, readJsonBody, readXmlBody } from '../write/index.js';
import { placeFor } from './load-tree.js';

/** What was taken from an export. */
export interface LoadedExport {
  readonly objects: number;
  /** Classes (`fvFoo`) and properties (`fvBD.foo`) that the simulator does not have, each once: they were left out. */
  readonly skipped: readonly string[];
}

/**
 * Loads what an APIC has given out: a configuration export or the answer to a query, in JSON or XML, with the envelope
 * (`imdata`) or without. What the class table does not have is left out and named. One transaction. Throws
 * `InvalidInputError`; then nothing has changed.
 */
export function loadExport(fabric: Fabric, text: string): LoadedExport {
  const skipped = new Set<string>();
  try {
    const nodes = rootsOf(readExport(text)).flatMap((node) => known(node, skipped));
    const placed = nodes.map((node) => placeRequest(placeFor(node), node, 'system'));
    fabric.commit(SYSTEM, (transaction) => {
      for (const node of placed) applyNode(transaction, node, 'system');
    });
    return { objects: nodes.reduce((sum, node) => sum + sizeOf(node), 0), skipped: [...skipped].sort() };
  } catch (error) {
    if (error instanceof ApicError) throw new InvalidInputError(`cannot load: ${error.message}`, { cause: error });
    throw error;
  }
}

function readExport(text: string): readonly RequestNode[] {
  if (text.trimStart().startsWith('<')) return readXmlBody(text);
  const imdata = envelopeOf(text);
  return readJsonBody(imdata === undefined ? text : JSON.stringify(imdata));
}

/** The list in a JSON envelope; undefined for what has none, or is no JSON: the reader of bodies then says what is wrong. */
function envelopeOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { readonly imdata?: unknown } | null)?.imdata;
  } catch {
    return undefined;
  }
}

/** In XML the envelope is an element like any other. */
const rootsOf = (nodes: readonly RequestNode[]): readonly RequestNode[] =>
  nodes.flatMap((node) => (node.className === 'imdata' ? node.children : [node]));

function known(node: RequestNode, skipped: Set<string>): readonly RequestNode[] {
  const { className, attributes, children } = node;
  if (classRow(className) === undefined) {
    skipped.add(className);
    return [];
  }
  return [
    {
      className,
      attributes: knownAttributes(className, attributes, skipped),
      children: children.flatMap((child) => known(child, skipped)),
    },
  ];
}

/** An answer's `status` and `childAction` are empty and say nothing; an empty `rn` or `dn` neither. */
function knownAttributes(className: string, attributes: Attributes, skipped: Set<string>): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).filter(([name, value]) => {
      if (ENVELOPE_PROPERTIES.has(name)) return value !== '';
      const isKnown = propertySpec(className, name) !== undefined;
      if (!isKnown) skipped.add(`${className}.${name}`);
      return isKnown;
    }),
  );
}

const sizeOf = (node: RequestNode): number => node.children.reduce((sum, child) => sum + sizeOf(child), 1);

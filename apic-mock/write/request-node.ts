import type { Attributes } from '#model/aci';
import { badRequest } from '../apic-error.js';

/** One object of a request body as it was sent, JSON or XML: names and texts, nothing checked against the model. */
export interface RequestNode {
  readonly className: string;
  readonly attributes: Attributes;
  readonly children: readonly RequestNode[];
}

/** Deepest tree that is read: an APIC's Dns have about a dozen steps. */
export const MAX_DEPTH = 64;

/**
 * Reads a JSON body: one object, or an array of them (apic-protocol.md §3.1). Throws the APIC's own errors for a body
 * that is no JSON, lacks `attributes`, or has `children` before them.
 */
export function readJsonBody(body: string): readonly RequestNode[] {
  const value = parseJson(body);
  return Array.isArray(value) ? value.map((item) => readNode(item, 1)) : [readNode(value, 1)];
}

function parseJson(body: string): unknown {
  if (body.trim() === '') throw badRequest('JSON parsing failed - empty body at line: 1');
  try {
    return JSON.parse(body);
  } catch (error) {
    const position = Number(/position (\d+)/.exec(String(error))?.[1] ?? body.length);
    const line = body.slice(0, position).split('\n').length;
    throw badRequest(`JSON parsing failed - invalid data at line: ${line}`);
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readNode(value: unknown, depth: number): RequestNode {
  if (depth > MAX_DEPTH) throw badRequest(`JSON parsing failed - tree deeper than ${MAX_DEPTH} levels at line: 1`);
  const entries = isRecord(value) ? Object.entries(value) : [];
  const [entry, ...others] = entries;
  if (entry === undefined || others.length > 0) throw badRequest("incomplete node at line '1'");
  const [className, content] = entry;
  if (!isRecord(content)) throw badRequest("incomplete node at line '1'");
  requireAttributesFirst(content);
  const children = content.children ?? [];
  if (!Array.isArray(children)) throw badRequest("incomplete node at line '1'");
  return {
    className,
    attributes: readAttributes(content.attributes),
    children: children.map((child: unknown) => readNode(child, depth + 1)),
  };
}

function requireAttributesFirst(content: Readonly<Record<string, unknown>>): void {
  const [first] = Object.keys(content);
  if (first !== 'attributes' && first !== undefined) {
    throw badRequest(
      "invalid data at line '1'. Attributes are missing, tag 'attributes' must be specified first, before any other tag",
    );
  }
}

function readAttributes(value: unknown): Attributes {
  if (value === undefined) return {};
  if (!isRecord(value)) throw badRequest("incomplete node at line '1'");
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([name, text], index) => [name, readText(text, index === entries.length - 1)]));
}

/**
 * All values are texts. An APIC does not refuse a bare number but misreads it: it loses the first digit, and the last
 * value of a map ends the parse (apic-protocol.md §3.1).
 */
function readText(value: unknown, isLast: boolean): string {
  if (typeof value === 'string') return value;
  const isBare = typeof value === 'number' || typeof value === 'boolean';
  if (isLast || !isBare) throw badRequest('JSON parsing failed - incomplete attribute value at line: 1');
  return String(value).slice(1);
}

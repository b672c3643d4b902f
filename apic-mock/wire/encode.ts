import type { Attributes } from '#model/aci';
import type { ReplyObject } from '../query/index.js';

/** The two spellings of every answer, chosen by the URL's suffix alone (apic-protocol.md §0). */
export type WireFormat = 'json' | 'xml';

/** The envelope of an answer (apic-protocol.md §0). */
export interface Envelope {
  readonly totalCount: number;
  readonly objects: readonly ReplyObject[];
  readonly subscriptionId?: string;
}

/** The text of an answer. */
export function encodeReply(format: WireFormat, envelope: Envelope): string {
  const { totalCount, objects, subscriptionId } = envelope;
  if (format === 'json') {
    return JSON.stringify({
      totalCount: String(totalCount),
      ...(subscriptionId === undefined ? {} : { subscriptionId }),
      imdata: objects.map(jsonObject),
    });
  }
  return xmlDocument({ totalCount: String(totalCount), ...(subscriptionId ? { subscriptionId } : {}) }, objects);
}

/** The text of a push: several subscriptions may be named, as a list in JSON, joined by commas in XML (§5.2). */
export function encodeEvent(format: WireFormat, ids: readonly string[], objects: readonly ReplyObject[]): string {
  if (format === 'json') return JSON.stringify({ subscriptionId: ids, imdata: objects.map(jsonObject) });
  return xmlDocument({ subscriptionId: ids.join(',') }, objects);
}

function jsonObject(object: ReplyObject): Readonly<Record<string, unknown>> {
  const { className, attributes, children } = object;
  if (children.length === 0) return { [className]: { attributes } };
  return { [className]: { attributes, children: children.map(jsonObject) } };
}

function xmlDocument(attributes: Attributes, objects: readonly ReplyObject[]): string {
  const body = objects.map(xmlObject).join('');
  return `<?xml version="1.0" encoding="UTF-8"?><imdata${xmlAttributes(attributes)}>${body}</imdata>`;
}

function xmlObject(object: ReplyObject): string {
  const head = `<${object.className}${xmlAttributes(object.attributes)}`;
  if (object.children.length === 0) return `${head}/>`;
  return `${head}>${object.children.map(xmlObject).join('')}</${object.className}>`;
}

const xmlAttributes = (attributes: Attributes): string =>
  Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${xmlText(value)}"`)
    .join('');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Blanks other than the space would be read as spaces inside an attribute, and what XML cannot say at all is replaced. */
const xmlText = (value: string): string =>
  value.replace(NOT_PLAIN, (char) => ENTITIES[char] ?? (/[\t\n\r]/.test(char) ? `&#${char.charCodeAt(0)};` : '\uFFFD'));

// oxlint-disable-next-line no-control-regex -- the characters that XML 1.0 (section 2.2) does not allow
const NOT_PLAIN = /[&<>"\u0000-\u001F\uFFFE\uFFFF]/g;

/** An object without children. */
export const replyObject = (className: string, attributes: Attributes): ReplyObject => ({
  className,
  attributes,
  children: [],
});

import { type AxiosInstance, create, type InternalAxiosRequestConfig } from 'axios';
import { Parser } from 'xml2js';
import type { ApicMock } from '#apic-mock';
import type { ReplyBody } from './apic-client.js';

/** The two spellings that every request has. */
export type Spelling = 'json' | 'xml';

/** Texts and arrays are bodies that only JSON has. */
export const isSpelled = (spelling: Spelling, body: unknown): boolean =>
  spelling === 'json' || (typeof body !== 'string' && !Array.isArray(body));

interface JsonBody {
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children?: readonly JsonObject[];
}

type JsonObject = Readonly<Record<string, JsonBody>>;

const escaped = (text: string): string => text.replace(/[&<>"\t\n\r]/g, (char) => `&#${char.charCodeAt(0)};`);

/** The XML twin of a JSON body of one object. */
export function xmlOf(object: JsonObject): string {
  return Object.entries(object)
    .map(([name, { attributes = {}, children = [] }]) => {
      const values = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
      return `<${name}${values.join('')}>${children.map(xmlOf).join('')}</${name}>`;
    })
    .join('');
}

interface Element {
  readonly '#name': string;
  readonly $?: Readonly<Record<string, string>>;
  readonly $$?: readonly Element[];
}

const bodyOf = (element: Element): Readonly<Record<string, ReplyBody>> => ({
  [element['#name']]: {
    attributes: element.$ ?? {},
    ...(element.$$ === undefined ? {} : { children: element.$$.map(bodyOf) }),
  },
});

/** Reads an XML document strictly: whatever is not well formed fails. */
export function readXml(text: string): Element {
  let root: Element | undefined;
  const parser = new Parser({ async: false, explicitRoot: false, explicitChildren: true, preserveChildrenOrder: true });
  parser.parseString(text, (error: Error | null, result: Element) => {
    if (error !== null) throw error;
    root = result;
  });
  if (root === undefined) throw new Error(`no XML: ${text}`);
  return root;
}

/** The JSON twin of an XML answer or push: its envelope, with several subscriptions as a list when it is a push. */
export function envelopeOf(text: string, isPush = false): unknown {
  const { '#name': name, $: { subscriptionId, ...rest } = {}, $$ = [] } = readXml(text);
  if (name !== 'imdata') throw new Error(`the root is ${name}`);
  const ids =
    subscriptionId === undefined ? {} : { subscriptionId: isPush ? subscriptionId.split(',') : subscriptionId };
  return { ...rest, ...ids, imdata: $$.map(bodyOf) };
}

/**
 * A client that is used like one for JSON and speaks XML: URLs end in .xml, bodies are translated, answers come back as
 * the JSON envelope. Suites that run with both show that the two are equal.
 */
export function xmlHttpClient(mock: ApicMock): AxiosInstance {
  const client = create({ baseURL: mock.url, validateStatus: () => true, headers: { Connection: 'close' } });
  client.interceptors.request.use((config: InternalAxiosRequestConfig) => {
    const { url = '', data } = config as { url?: string; data?: unknown };
    const isObject = typeof data === 'object' && data !== null && !Array.isArray(data);
    return {
      ...config,
      url: url.replace(/\.json(?=\?|$)/, '.xml'),
      data: isObject ? xmlOf(data as JsonObject) : data,
      responseType: 'text',
    };
  });
  client.interceptors.response.use((answer) => {
    const text = answer.data as string;
    return { ...answer, data: text.startsWith('<?xml') ? envelopeOf(text) : text };
  });
  return client;
}

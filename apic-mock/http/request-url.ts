import type { WireFormat } from '../wire/index.js';

/** A request's URL, decoded. */
export interface RequestUrl {
  /** Path without the suffix, slashes single: `/api/mo/uni/tn-a`. */
  readonly path: string;
  /** From the suffix; undefined when there is none. */
  readonly format: WireFormat | undefined;
  readonly query: ReadonlyMap<string, string>;
}

/**
 * `/testapi` and `/debugapi`, perhaps with the process that is to answer (`/testapi/policymgr/mo/uni.json`), ask a node's
 * processes directly; here all of them know the one tree (apic-protocol.md §0; pyaci's toggleTestApi).
 */
const OTHER_DOORS = /^\/(?:testapi|debugapi)\/(?:(?!mo\/|class\/|node\/|aaa)\w+\/)?/;

/**
 * Reads a URL as real clients send them (apic-protocol.md §0): brackets, quotes and pipes raw or percent-encoded,
 * doubled slashes, an empty or dangling query. Never throws: what cannot be decoded is taken as it is.
 */
export function readRequestUrl(raw: string): RequestUrl {
  const mark = raw.indexOf('?');
  const rawPath = mark === -1 ? raw : raw.slice(0, mark);
  const path = decode(rawPath)
    .replace(/\/{2,}/g, '/')
    .replace(OTHER_DOORS, '/api/');
  const suffix = /\.(json|xml)$/.exec(path);
  return {
    path: suffix === null ? path : path.slice(0, suffix.index),
    format: suffix?.[1] === 'xml' ? 'xml' : suffix === null ? undefined : 'json',
    query: readQuery(mark === -1 ? '' : raw.slice(mark + 1)),
  };
}

function readQuery(text: string): ReadonlyMap<string, string> {
  const pairs = text.split('&').filter((pair) => pair !== '');
  return new Map(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      return equals === -1 ? [decode(pair), ''] : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
    }),
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

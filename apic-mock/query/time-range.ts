import { badRequest } from '../apic-error.js';
import type { Filter } from './filter.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Spans back from now (apic-protocol.md §2.2). */
const SPANS: ReadonlyMap<string, number> = new Map([
  ['24h', DAY],
  ['1week', 7 * DAY],
  ['1month', 31 * DAY],
  ['3month', 92 * DAY],
]);

/** Classes of records, which are made once and tell when: everything else has no time to be chosen by. */
const RECORDS: ReadonlySet<string> = new Set([
  'aaaModLR',
  'aaaSessionLR',
  'eventRecord',
  'faultRecord',
  'healthRecord',
]);

/**
 * Reads `time-range`: a span back from now, or `<start>|<end>` as two dates (the latter form is inferred). Gives a filter
 * that lets pass what is no record and records made in that time. Throws code 400 for anything else.
 */
export function timeRangeFilter(text: string, now: number): Filter {
  const [from, to] = rangeOf(text, now);
  return ({ className, attributes }) => {
    if (!RECORDS.has(className)) return true;
    const created = Date.parse(attributes.created ?? '');
    return created >= from && created <= to;
  };
}

function rangeOf(text: string, now: number): readonly [number, number] {
  const span = SPANS.get(text);
  if (span !== undefined) return [now - span, now];
  const [from, to, ...others] = text.split('|').map((date) => Date.parse(date));
  if (from === undefined || to === undefined || Number.isNaN(from) || Number.isNaN(to) || others.length > 0) {
    throw badRequest(`Request failed, invalid value '${text}' for option time-range`);
  }
  return [from, to];
}

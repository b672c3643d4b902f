import { fieldsAt } from './fields.js';
import { podTemplateDefaults } from './pod-defaults.js';

/** Letters of generated names: no vowels and none of 0, 1, 3, so that no word appears (apimachinery `util/rand`). */
const SAFE_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
/** Longest name that leaves room for the suffix within 63 characters (apiserver `names.SimpleNameGenerator`). */
const MAX_BASE_LENGTH = 63 - SUFFIX_LENGTH;
const SUFFIXES = SAFE_ALPHABET.length ** SUFFIX_LENGTH;
/** Prime, and so without a common divisor with the number of suffixes: consecutive ordinals never collide. */
const STRIDE = 5_000_011;

/** FNV-1a, 32 bits, of the text's UTF-16 code units. */
function fnv32a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** JSON with sorted keys and without nulls: equal values give equal text. */
function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([, field]) => field !== undefined && field !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, field]) => `${JSON.stringify(name)}:${canonicalText(field)}`).join(',')}}`;
}

/**
 * The `pod-template-hash` of a pod template: equal for equal templates whatever the order of their fields and whether
 * defaults are spelled out, written as the Deployment controller writes it (digits mapped to the safe alphabet).
 */
export const podTemplateHash = (template: unknown): string =>
  String(fnv32a(canonicalText(podTemplateDefaults(fieldsAt({ template }, 'template')))))
    .split('')
    .map((digit) => SAFE_ALPHABET[digit.charCodeAt(0) % SAFE_ALPHABET.length] ?? '')
    .join('');

/**
 * The name an owner gives its pod number `ordinal`: `<owner>-<5 characters>`. Deterministic, and different for every
 * ordinal below 14 million.
 */
export function generatedPodName(owner: string, ordinal: number): string {
  let rest = (fnv32a(owner) + ordinal * STRIDE) % SUFFIXES;
  let suffix = '';
  for (let place = 0; place < SUFFIX_LENGTH; place += 1) {
    suffix += SAFE_ALPHABET[rest % SAFE_ALPHABET.length] ?? '';
    rest = Math.floor(rest / SAFE_ALPHABET.length);
  }
  return `${`${owner}-`.slice(0, MAX_BASE_LENGTH)}${suffix}`;
}

/** A stable stand-in for a uid, in a UUID's form, for objects that no API server has seen. */
export function offlineUid(text: string): string {
  const words = [0, 1, 2, 3].map((salt) => fnv32a(`${salt}/${text}`).toString(16).padStart(8, '0')).join('');
  return `${words.slice(0, 8)}-${words.slice(8, 12)}-${words.slice(12, 16)}-${words.slice(16, 20)}-${words.slice(20)}`;
}

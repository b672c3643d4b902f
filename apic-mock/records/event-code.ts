/** What happened to an object, as `ind` of a record has it. */
export type Indication = 'creation' | 'modification' | 'deletion' | 'special' | 'state-transition';

/** The `ind` of a record about a change. */
export const INDICATIONS = { created: 'creation', modified: 'modification', deleted: 'deletion' } as const;

/** Places of the codes of one class: they follow one another in this order. */
const PLACES: readonly Indication[] = ['creation', 'modification', 'deletion', 'state-transition', 'special'];

/** First codes that are known from an APIC: `E4211938` is the deletion of an EPG (audit log of a public bot's tests). */
const KNOWN: ReadonlyMap<string, number> = new Map([['fvAEPg', 4_211_936]]);

/** Guessed codes lie above all that are known, so that none is taken for another's. */
const FIRST_GUESS = 4_230_000;
const GUESSES = 10_000;

/**
 * The event code of a class, `E42…` (apic-protocol.md §6.6). An APIC's metadata lists them; the class table does not, so
 * that but for the known ones they are guesses: always the same for a class, different from most others'.
 */
export function eventCode(className: string, indication: Indication): string {
  const first = KNOWN.get(className) ?? FIRST_GUESS + (hash(className) % GUESSES) * PLACES.length;
  return `E${first + PLACES.indexOf(indication)}`;
}

function hash(text: string): number {
  let value = 0;
  for (const letter of text) value = (value * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003;
  return value;
}

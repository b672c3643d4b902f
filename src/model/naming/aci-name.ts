import { shortHash } from './hash.js';

/** Longest name that nearly every ACI class takes (aci-model.md §3). */
export const ACI_NAME_LIMIT = 64;

/** Characters of an ACI name: letters, digits and `_.:-` (aci-model.md §3). */
const ILLEGAL = /[^A-Za-z0-9_.:-]/g;

/**
 * A legal ACI name of at most `limit` characters: illegal characters become `-`, and a name that was changed or is too
 * long ends in a hash of the original, so that different texts keep different names.
 */
export function aciName(text: string, limit = ACI_NAME_LIMIT): string {
  const legal = text.replace(ILLEGAL, '-');
  if (legal === text && legal.length <= limit) return legal;
  const hash = shortHash(text, 8);
  return `${legal.slice(0, limit - hash.length - 1)}-${hash}`;
}

/** Whether {@link aciName} would change the text. */
export const fitsAciName = (text: string, limit = ACI_NAME_LIMIT): boolean => aciName(text, limit) === text;

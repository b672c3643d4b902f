import { MARK_KEYS, markDn, type ObjectMap, rootOf } from '#model/aci';

/** Kubernetes objects of one object that are told: a filter may be shared by hundreds of policies. */
const MOST_SOURCES = 10;

/**
 * Kubernetes objects that asked for the object at a Dn, as the source mark names them, of the nearest one that has a mark:
 * `NetworkPolicy/shop/allow-web`. None for what the gateway makes on its own account.
 */
export function sourcesOf(dn: string, sides: readonly ObjectMap[]): readonly string[] {
  for (const objects of sides) {
    const root = rootOf(objects, dn);
    const text = root === undefined ? undefined : objects.get(markDn(root, MARK_KEYS.source))?.attributes['value'];
    if (text !== undefined) return text.split(' ').filter(isName).slice(0, MOST_SOURCES);
  }
  return [];
}

/** A mark without sources says `none`, one with too many ends in `…`. */
const isName = (word: string): boolean => word.includes('/');

import { MARK_KEYS, markDn, type ObjectMap, parentDn } from '#model/aci';

/** Kubernetes objects that asked for an object which is owned as a whole, by the mark on it. */
export const sourcesOf = (objects: ObjectMap, root: string): readonly string[] =>
  sourcesIn(objects.get(markDn(root, MARK_KEYS.source))?.attributes['value']);

/** Objects that are owned as a whole, by each Kubernetes object that asked for them. */
export function rootsBySource(objects: ObjectMap): ReadonlyMap<string, readonly string[]> {
  const roots = new Map<string, string[]>();
  for (const { className, dn, attributes } of objects.values()) {
    if (className !== 'tagAnnotation' || attributes['key'] !== MARK_KEYS.source) continue;
    for (const source of sourcesIn(attributes['value'])) {
      const known = roots.get(source);
      if (known === undefined) roots.set(source, [parentDn(dn) ?? '']);
      else known.push(parentDn(dn) ?? '');
    }
  }
  return roots;
}

/** Sources on a mark: names separated by spaces, the word `none` for no source. A text that was too long ends in `…`. */
const sourcesIn = (text = 'none'): readonly string[] =>
  text === 'none' ? [] : text.split(' ').filter((source) => source !== '…');

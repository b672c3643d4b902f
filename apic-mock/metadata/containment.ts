import { childClassesOf, classNames, classRow, mayContain } from '#model/aci';

/** Classes that may stand directly under the class, sorted by name. */
export const containedClasses = (className: string): readonly string[] => [...childClassesOf(className)].sort();

/** Classes that the class may stand directly under, those of attach-anywhere classes worked out; sorted by name. */
export function containerClasses(className: string): readonly string[] {
  const own = classRow(className)?.in ?? [];
  if (!own.includes('*')) return [...own].sort();
  return classNames().filter((parent) => mayContain(parent, className));
}

/**
 * RN prefixes of the classes below: up to the first dash, with it where a name follows (`tn-`, `rsbd`). That is how
 * clients find the class of each step of a Dn.
 */
export function rnMap(className: string): Readonly<Record<string, string>> {
  const entries = containedClasses(className).map((child) => [prefixOf(child), child] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function prefixOf(className: string): string {
  const { rn = '', naming = [] } = classRow(className) ?? {};
  const dash = rn.indexOf('-');
  if (dash === -1) return rn;
  return rn.slice(0, dash) + (naming.length > 0 ? '-' : '');
}

let formatCache: ReadonlyMap<string, readonly string[]> | undefined;

/** Forms of all Dns of the class: `uni/tn-{name}/ap-{name}`. A class that contains itself is followed once. */
export function dnFormats(className: string): readonly string[] {
  formatCache ??= allDnFormats();
  return formatCache.get(className) ?? [];
}

function allDnFormats(): ReadonlyMap<string, readonly string[]> {
  const formats = new Map<string, string[]>();
  const visit = (className: string, above: string, way: ReadonlySet<string>): void => {
    for (const child of childClassesOf(className)) {
      if (way.has(child)) continue;
      const rn = classRow(child)?.rn ?? '';
      const dn = above === '' ? rn : `${above}/${rn}`;
      const known = formats.get(child);
      if (known === undefined) formats.set(child, [dn]);
      else known.push(dn);
      visit(child, dn, new Set([...way, child]));
    }
  };
  visit('topRoot', '', new Set(['topRoot']));
  return formats;
}

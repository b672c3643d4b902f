import type { Attributes } from '#model/aci';

const PORT_PAIRS: readonly (readonly [string, string])[] = [
  ['dFromPort', 'dToPort'],
  ['sFromPort', 'sToPort'],
];

const UNSPECIFIED = 'unspecified';

/**
 * What a write sets, with what follows from it: the end of a range of ports is its start where only that was ever given
 * (the integration tests of cisco.aci set `sFromPort` alone and read both back as equal). `before` are the attributes of
 * the object as it stands, if it does.
 */
export function withFollowed(className: string, values: Attributes, before: Attributes | undefined): Attributes {
  if (className !== 'vzEntry') return values;
  const ends = PORT_PAIRS.flatMap(([from, to]): readonly (readonly [string, string])[] => {
    const start = values[from] ?? UNSPECIFIED;
    const end = values[to] ?? before?.[to] ?? UNSPECIFIED;
    return start !== UNSPECIFIED && end === UNSPECIFIED ? [[to, start]] : [];
  });
  return ends.length === 0 ? values : { ...values, ...Object.fromEntries(ends) };
}

import type { IpFamily } from '#model/net';

/** A set of IP families as bits. */
export type FamilyMask = number;

export const FAMILY_BIT: Readonly<Record<IpFamily, FamilyMask>> = { 4: 1, 6: 2 };
export const BOTH_FAMILIES: FamilyMask = 3;

export const FAMILIES: readonly IpFamily[] = [4, 6];

/** The families of the bits, ascending. */
export const familiesIn = (mask: FamilyMask): readonly IpFamily[] =>
  FAMILIES.filter((family) => (mask & FAMILY_BIT[family]) !== 0);

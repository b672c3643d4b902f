import type { Attributes } from '#model/aci';

const PORT_PAIRS: readonly (readonly [string, string])[] = [
  ['dFromPort', 'dToPort'],
  ['sFromPort', 'sToPort'],
];

const UNSPECIFIED = 'unspecified';

/** What follows from the values that a write sets; `before` are the attributes of the object as it stands, if it does. */
type Followed = (values: Attributes, before: Attributes | undefined) => Attributes;

/**
 * The end of a range of ports is its start where only that was ever given (the integration tests of cisco.aci set
 * `sFromPort` alone and read both back as equal).
 */
const rangeEnds: Followed = (values, before) =>
  Object.fromEntries(
    PORT_PAIRS.flatMap(([from, to]): readonly (readonly [string, string])[] => {
      const start = values[from] ?? UNSPECIFIED;
      const end = values[to] ?? before?.[to] ?? UNSPECIFIED;
      return start !== UNSPECIFIED && end === UNSPECIFIED ? [[to, start]] : [];
    }),
  );

/** The metadata calls a preference of 0 `unspecified`; an APIC shows the number (tests of cisco.aci). */
const plainPreference: Followed = ({ pref }) => (pref === UNSPECIFIED ? { pref: '0' } : {});

/**
 * A passphrase makes the fabric's key, which can be cleared again and takes the encryption with it (tests of cisco.aci;
 * that the order to clear does not stay is a guess).
 */
const fabricKey: Followed = ({ passphrase = '', clearEncryptionKey }) => {
  if (clearEncryptionKey === 'yes') {
    return { clearEncryptionKey: 'no', keyConfigured: 'no', passphrase: '', strongEncryptionEnabled: 'no' };
  }
  return passphrase === '' ? {} : { keyConfigured: 'yes' };
};

const FOLLOWED: Readonly<Record<string, Followed>> = {
  vzEntry: rangeEnds,
  ipNexthopP: plainPreference,
  pkiExportEncryptionKey: fabricKey,
};

/** What a write sets, with what follows from it. `before` are the attributes of the object as it stands, if it does. */
export function withFollowed(className: string, values: Attributes, before: Attributes | undefined): Attributes {
  const followed = FOLLOWED[className]?.(values, before);
  return followed === undefined ? values : { ...values, ...followed };
}

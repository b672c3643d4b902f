import { ApicError, failedValidation } from '../apic-error.js';
import type { StoredObject } from '../tree/index.js';

const HIGHEST_UPLINK = 32;

/** Numbers of uplinks, parted by commas. */
const UPLINKS = /^\d+(,\d+)*$/;

const refused = (text: string): ApicError => new ApicError(400, 120, `Invalid Configuration. ${text}`);

/**
 * What is wrong with the uplinks of a VMM domain at an EPG, or undefined: `active` must name some, each at most 32, none of
 * them twice or in standby too. Conditions and texts are those of cisco.aci's integration tests, the doubled blank included.
 */
export function uplinkProblem({ dn, attributes }: StoredObject): ApicError | undefined {
  const { active = '', standby = '' } = attributes;
  if (!UPLINKS.test(active)) return failedValidation('active', dn, active);
  if (standby !== '' && !UPLINKS.test(standby)) return failedValidation('standby', dn, standby);
  const numbers = [...active.split(','), ...(standby === '' ? [] : standby.split(','))].map(Number);
  if (numbers.some((number) => number > HIGHEST_UPLINK)) return refused('Uplink Id can not be higher than 32.');
  if (new Set(numbers).size < numbers.length) {
    return refused('Uplink Id entered more than once or delimiter was  misused.');
  }
  return undefined;
}

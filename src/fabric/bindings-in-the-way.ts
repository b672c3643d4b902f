import { type FlatObject, type ObjectMap, readPathDn } from '#model/aci';
import { once } from './once.js';

/**
 * Tells of a binding that goes whether its VLAN is one that a group is to be bound to in the same place, or is already: a plan may
 * have ended between the new binding and the old one. The fabric takes a VLAN at an AEP once, and on a leaf once (policy.md A2):
 * a binding of an AEP, which may be on any port, is in the way of every other. False for what is no binding.
 */
export function bindingsInTheWay(desired: ObjectMap): (object: FlatObject) => boolean {
  const needed = once(() => new Set([...desired.values()].flatMap(placesOf)));
  return (object) => {
    const { encap = '' } = object.attributes;
    if (object.className === AT_AEP) return needed().has(`${ANYWHERE} ${encap}`);
    if (object.className !== ON_PATH) return false;
    return [AT_AEPS, ...leavesOf(object)].some((place) => needed().has(`${place} ${encap}`));
  };
}

const AT_AEP = 'infraRsFuncToEpg';
const ON_PATH = 'fvRsPathAtt';

/** Places of VLANs: any binding at all, one at some AEP, and leaves by their numbers. */
const ANYWHERE = '*';
const AT_AEPS = 'aep';

/** The places of a binding, each with its VLAN. */
function placesOf(object: FlatObject): readonly string[] {
  const { encap } = object.attributes;
  if (encap === undefined) return [];
  if (object.className === AT_AEP) return [`${ANYWHERE} ${encap}`, `${AT_AEPS} ${encap}`];
  if (object.className !== ON_PATH) return [];
  return [ANYWHERE, ...leavesOf(object)].map((place) => `${place} ${encap}`);
}

const leavesOf = ({ attributes }: FlatObject): readonly string[] => readPathDn(attributes['tDn'] ?? '')?.leaves ?? [];

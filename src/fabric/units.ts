import { splitDn } from '#model/aci';
import type { Change } from './diff.js';

/** RNs of the objects that only hold others of ours: an application profile, an L3Out, an AEP. */
const HOLDER = /^(ap|out|attentp)-/;

/** RN of a binding of a group to its VLAN, at the AEP or on a path. */
const BINDING = /^rs(funcToEpg|pathAtt)-/;

/** RN of a mark. */
const MARK = /^annotationKey-/;

/**
 * The object that must not be cut in two: the fourth step of a Dn (an EPG, an external EPG), or the third (a contract). A
 * binding is one by itself: a port that the APIC refuses says nothing about the rest of the EPG. Marks belong to the object
 * that they are on: one that is there without them, be it for a moment, is somebody else's.
 */
export function unitDn(dn: string): string {
  const all = splitDn(dn);
  const steps = MARK.test(all.at(-1) ?? '') ? all.slice(0, -1) : all;
  const depth = BINDING.test(steps[4] ?? '') ? 5 : HOLDER.test(steps[2] ?? '') ? 4 : 3;
  return steps.slice(0, depth).join('/');
}

/** What one POST must hold whole: the changes of one owned object; of prefixes, those of one prefix, which moves at once. */
export const unitOf = ({ object }: Change): string =>
  object.className === 'l3extSubnet' ? `prefix ${object.attributes['ip']}` : unitDn(object.dn);

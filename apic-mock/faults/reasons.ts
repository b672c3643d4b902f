import { splitDn } from '#model/aci';
import type { Binding } from './encap-usage.js';
import type { Problem } from './fault-object.js';

/** Why the leaves do not take a configuration, in their words. */
export interface Reason {
  /** As `configQual` of the change set has it. */
  readonly quality: string;
  readonly title: string;
  readonly detail: string;
  /** ` node 101 eth1/4`, where there is one place. */
  readonly place: string;
}

type BindingQuality = 'invalid-path' | 'invalid-vlan' | 'encap-already-in-use';

/**
 * A binding that fails: texts of Cisco's document 220876 on F0467 and of the pre-upgrade validation script of ACI; that
 * of invalid-path by analogy.
 */
export function bindingReason(quality: BindingQuality, binding: Binding, holder: string | undefined): Reason {
  const { encap } = binding;
  const place = placeText(binding.place);
  switch (quality) {
    case 'encap-already-in-use':
      return {
        quality,
        title: 'Encap Already Used in Another EPG',
        detail: `Encap (${encap}) is already in use by ${shortName(holder ?? '')}`,
        place,
      };
    case 'invalid-vlan':
      return {
        quality,
        title: 'Invalid VLAN Configuration',
        detail: `${encap} :Either the EpG is not associated with a domain or the domain does not have this vlan assigned to it`,
        place,
      };
    default:
      return {
        quality,
        title: 'Invalid Path Configuration',
        detail: `${encap} :Either the EpG/L3Out is not associated with a domain or the domain does not have this interface assigned to it`,
        place,
      };
  }
}

/** A prefix that another external group of the VRF has (pre-upgrade validation script of ACI). */
export const prefixReason = (vnid: string, prefix: string): Reason => ({
  quality: 'prefix-entry-already-in-use',
  title: 'Prefix Entry Already Used in Another EPG',
  detail: `Prefix entry sys/ctx-[vxlan-${vnid}]/pfx-[${prefix}] is in use`,
  place: '',
});

/**
 * Description and change set of F0467 for the object of the Dn; undefined without a reason. A leaf raises one fault for
 * each binding; here one stands on the object and names all.
 */
export function summary(dn: string, reasons: readonly Reason[]): Problem | undefined {
  const [first] = reasons;
  if (first === undefined) return undefined;
  const debug = reasons.map(({ quality, detail }) => `${quality}: ${detail};`).join(' ');
  const place = reasons.length === 1 ? first.place : '';
  return {
    descr: `Configuration failed for ${dn}${place} due to ${first.title}, debug message: ${debug}`,
    changeSet: `configQual:${first.quality}, configSt:failed-to-apply, debugMessage:${debug}, temporaryError:no`,
  };
}

function placeText(place: string): string {
  const [, node, port] = /\/paths-(\d+)\/pathep-\[(.+)\]$/.exec(place) ?? [];
  return node === undefined ? '' : ` node ${node} ${port}`;
}

/** `uni/tn-TK/ap-AP1/epg-EPG1` → `TK:AP1:EPG1`. */
const shortName = (dn: string): string =>
  splitDn(dn)
    .slice(1)
    .map((rn) => rn.slice(rn.indexOf('-') + 1))
    .join(':');

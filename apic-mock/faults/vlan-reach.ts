import { isKindOf } from '#model/aci';
import { childOfClass, type ObjectStore, type StoredObject } from '../tree/index.js';
import type { Binding } from './encap-usage.js';

/** Why the leaves cannot give a group its VLAN, in the APIC's words; undefined when they can. */
export type BindingProblem = 'invalid-vlan' | 'invalid-path' | undefined;

/**
 * A group reaches a VLAN by one of its domains whose pool holds it and which the profile at the place has, or any profile
 * for a port (aci-model.md §2.2; which profile a port has is not followed).
 */
export function bindingProblem(store: ObjectStore, group: StoredObject, binding: Binding): BindingProblem {
  const domains = domainsOf(store, group);
  const attached = domains.filter((domain) => isAttached(domain, binding.place));
  if (attached.length === 0) return 'invalid-path';
  return attached.some((domain) => poolHolds(store, domain, binding.encap)) ? undefined : 'invalid-vlan';
}

/** How a group and how an L3Out name their domains. */
const DOMAIN_RELATIONS: ReadonlySet<string> = new Set(['fvRsDomAtt', 'l3extRsL3DomAtt']);

function domainsOf(store: ObjectStore, group: StoredObject): readonly StoredObject[] {
  const relations = [...group.children.values()].filter(({ className }) => DOMAIN_RELATIONS.has(className));
  return relations.flatMap(({ attributes }) => store.get(attributes.tDn ?? '') ?? []);
}

function isAttached(domain: StoredObject, place: string): boolean {
  const profiles = [...domain.children.values()].filter(({ className }) => className === 'infraRtDomP');
  const isProfile = place.startsWith('uni/infra/attentp-');
  return profiles.some(({ attributes }) => !isProfile || attributes.tDn === place);
}

function poolHolds(store: ObjectStore, domain: StoredObject, encap: string): boolean {
  const relation = childOfClass(domain, 'infraRsVlanNs');
  const pool = store.get(relation?.attributes.tDn ?? '');
  const vlan = vlanOf(encap);
  const blocks = [...(pool?.children.values() ?? [])].filter(({ className }) => className === 'fvnsEncapBlk');
  return blocks.some(({ attributes }) => vlanOf(attributes.from) <= vlan && vlan <= vlanOf(attributes.to));
}

const vlanOf = (encap = ''): number => Number(/^v(?:x)?lan-(\d+)$/.exec(encap)?.[1] ?? Number.NaN);

/** Whether the class is a domain that has a VLAN pool. */
export const isDomain = (className: string): boolean => isKindOf(className, 'infraADomP');

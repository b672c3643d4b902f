import { type FlatObject, lookupDns, parentDn } from '#model/aci';

/** Objects by their Dn. */
interface KnownObjects {
  get(dn: string): FlatObject | undefined;
}

/**
 * Dn of the VRF of an EPG (through its bridge domain), endpoint security group, or external EPG (through its L3Out); undefined where
 * one of these is not known, or has none. The VRF itself need not be among the objects when the APIC says which it is.
 */
export function vrfOf(objects: KnownObjects, dn: string): string | undefined {
  const className = objects.get(dn)?.className;
  if (className === 'l3extInstP') return contextOf(objects, `${parentDn(dn) ?? ''}/rsectx`);
  if (className === 'fvESg') return contextOf(objects, `${dn}/rsscope`);
  const relation = `${dn}/rsbd`;
  const name = objects.get(relation)?.attributes['tnFvBDName'];
  const bridgeDomain = name === undefined ? undefined : knownAmong(objects, lookupDns(relation, `BD-${name}`));
  return bridgeDomain === undefined ? undefined : contextOf(objects, `${bridgeDomain}/rsctx`);
}

/** The VRF that a relation is to: the known one of its name, else what the APIC resolved it to. */
function contextOf(objects: KnownObjects, relation: string): string | undefined {
  const { tnFvCtxName: name, tDn } = objects.get(relation)?.attributes ?? {};
  if (name === undefined) return undefined;
  return knownAmong(objects, lookupDns(relation, `ctx-${name}`)) ?? (tDn || undefined);
}

const knownAmong = (objects: KnownObjects, dns: readonly string[]): string | undefined =>
  dns.find((dn) => objects.get(dn) !== undefined);

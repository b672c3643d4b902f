import { ADDED, DELETED } from '#model/settings';

/** What may be wrong in the fabric while a drift stands, as far as its class says: the rules themselves are not computed. */
export type DriftEffect = 'none' | 'blocks' | 'opens' | 'either';

/** The part of a drift that its effect follows from. */
export interface EffectQuestion {
  readonly className: string;
  /** A property, or that the object was deleted or added. */
  readonly field: string;
  readonly found: string | undefined;
}

/** What no packet depends on: texts, classes of service, flooding inside a bridge domain. */
const HARMLESS =
  /^(descr|nameAlias|ownerKey|ownerTag|annotation|prio|qosClass|targetDscp|arpFlood|unkMacUcastAct|multiDstPktAct)$/;

/**
 * Classes of which each object either permits or denies something, or decides which contracts an address is under: without
 * one, or with another content, more or less may pass.
 */
const RULES = /^(vz|fvRs(Prov|Cons|IntraEpg)$|l3ext(InstP|Subnet)$)/;

/** What a drift may do to traffic, by its class and field. */
export function driftEffect({ className, field, found }: EffectQuestion): DriftEffect {
  if (className === 'tagAnnotation' || HARMLESS.test(field)) return 'none';
  // On an EPG it keeps members apart, on a VRF it makes contracts count at all.
  if (field === 'pcEnfPref') return found === 'unenforced' ? 'opens' : 'blocks';
  if (RULES.test(className)) return 'either';
  if (field === ADDED) return 'opens';
  return field === DELETED || found !== undefined ? 'blocks' : 'none';
}

import { childOfClass, type StoredObject } from '../tree/index.js';
import { termsBelow } from './filter-terms.js';
import { DEFAULT_ROUTE_TAG, type FabricView, isEnforced, type Party, partyOf } from './party.js';
import { ANY } from './priority.js';
import { IMPLICIT, IMPLICIT_ARP, type Rule } from './rule.js';

/** What follows from a group alone: isolation (policy.md A16), taboos (A17), its place in a preferred group (A15). */
export function groupRules(view: FabricView, group: StoredObject): readonly Rule[] {
  const party = partyOf(view, group);
  if (party === undefined || !isEnforced(view, party.scope)) return [];
  return [...isolation(party), ...taboos(view, party), ...outsideOfPreferred(view, party)];
}

/** Members of a group talk freely, unless it is isolated or has a contract for itself (policy.md A10, A16). */
function isolation({ object, scope, sources }: Party): readonly Rule[] {
  const [tag = ANY] = sources;
  const isClosed = object.attributes.pcEnfPref === 'enforced' || hasFormed(object, 'fvRsIntraEpg');
  return isClosed ? [implicit(scope, tag, tag, 'deny', 'class-eq-deny')] : [];
}

const hasFormed = (object: StoredObject, relationClass: string): boolean =>
  [...object.children.values()].some(
    ({ className, attributes }) => className === relationClass && attributes.state === 'formed',
  );

function taboos(view: FabricView, { object, scope, destinations }: Party): readonly Rule[] {
  const [tag = ANY] = destinations;
  const protectedBy = [...object.children.values()].filter((child) => child.className === 'fvRsProtBy');
  const subjects = protectedBy.flatMap((relation) => {
    const taboo = relation.attributes.state === 'formed' ? view.store.get(relation.attributes.tDn ?? '') : undefined;
    return [...(taboo?.children.values() ?? [])].filter((child) => child.className === 'vzTSubj');
  });
  return subjects
    .flatMap((subject) => termsBelow(view.store, subject, 'vzRsDenyRule', false))
    .map(({ filter, effect: { action, mark } }) => ({
      scope,
      source: ANY,
      destination: tag,
      filter,
      action,
      mark,
      priority: 'black_list' as const,
      direction: 'uni-dir' as const,
      contract: '',
    }));
}

function outsideOfPreferred(view: FabricView, { object, scope, sources, destinations }: Party): readonly Rule[] {
  const vrf = view.vrfs.get(scope);
  if (vrf === undefined || !hasPreferredGroup(vrf) || object.attributes.prefGrMemb === 'include') return [];
  return [
    ...sources.map((tag) => implicit(scope, tag, ANY, 'deny', 'grp_src_any_any_deny')),
    ...destinations.map((tag) => implicit(scope, ANY, tag, 'deny', 'grp_any_dest_any_deny')),
  ];
}

const hasPreferredGroup = (vrf: StoredObject): boolean =>
  childOfClass(vrf, 'vzAny')?.attributes.prefGrMemb === 'enabled';

/** What every VRF has: ARP, and the deny of the rest (aci-model.md §5); a VRF that does not enforce permits the rest. */
export function vrfRules(vrf: StoredObject): readonly Rule[] {
  const { scope = '0', pcEnfPref } = vrf.attributes;
  if (scope === '0' || scope === '') return [];
  const arp: Rule = { ...implicit(scope, ANY, ANY, 'permit', 'any_any_filter'), filter: IMPLICIT_ARP };
  if (pcEnfPref === 'unenforced') return [arp, implicit(scope, ANY, ANY, 'permit', 'any_any_any')];
  const preferred = hasPreferredGroup(vrf)
    ? implicit(scope, ANY, ANY, 'permit', 'grp_any_any_any_permit')
    : implicit(scope, ANY, ANY, 'deny', 'any_any_any');
  return [arp, preferred, ...defaultRouteRules(vrf, scope)];
}

/**
 * An external group with the prefix of everything is no member of a preferred group (policy.md A15): what goes to it and
 * what comes from it is denied before the members' permit (Cisco's contract guide; from memory).
 */
function defaultRouteRules({ attributes, children }: StoredObject, scope: string): readonly Rule[] {
  if (children.get('any')?.attributes.prefGrMemb !== 'enabled') {
    return [implicit(scope, ANY, DEFAULT_ROUTE_TAG, 'deny', 'any_vrf_any_deny')];
  }
  return [
    implicit(scope, attributes.pcTag ?? ANY, ANY, 'deny', 'grp_src_any_any_deny'),
    implicit(scope, ANY, DEFAULT_ROUTE_TAG, 'deny', 'grp_any_dest_any_deny'),
  ];
}

/** Any group may send to a bridge domain's own class, for floods (aci-model.md §5). */
export function bridgeDomainRules(bd: StoredObject): readonly Rule[] {
  const { scope = '0', pcTag = '0' } = bd.attributes;
  if (scope === '0' || pcTag === '0' || pcTag === 'any') return [];
  return [implicit(scope, ANY, pcTag, 'permit', 'any_dest_any')];
}

/** A rule without a contract, for every packet. */
export const implicit = (
  scope: string,
  source: string,
  destination: string,
  ...[action, priority]: [Rule['action'], Rule['priority']]
): Rule => ({
  scope,
  source,
  destination,
  filter: IMPLICIT,
  action,
  mark: action === 'deny' ? 'log' : '',
  priority,
  direction: 'uni-dir',
  contract: '',
});

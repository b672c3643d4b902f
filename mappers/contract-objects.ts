import { type ManagedObject, managedObject } from '#model/aci';
import type { GroupName } from '#model/policy';
import type { ContractPlan, ContractTerms } from './contract-plan.js';
import type { FilterPlan } from './filters.js';

/** The managed object of a contract. In and out terms exclude filters of the subject itself (policy.md A11). */
export function contractObject(plan: ContractPlan): ManagedObject {
  return managedObject('vzBrCP', { name: plan.name, scope: 'context' }, [subjectObject(plan.terms)]);
}

function subjectObject(terms: ContractTerms): ManagedObject {
  if (terms.kind === 'both') {
    const filters = terms.filters.map(({ name }) => managedObject('vzRsSubjFiltAtt', { tnVzFilterName: name }));
    return managedObject('vzSubj', { name: 'all', revFltPorts: 'yes' }, filters);
  }
  const relations = (filters: readonly FilterPlan[], deny = false): readonly ManagedObject[] =>
    filters.map(({ name }) =>
      managedObject('vzRsFiltAtt', { tnVzFilterName: name, ...(deny ? { action: 'deny' } : {}) }),
    );
  return managedObject('vzSubj', { name: 'flows' }, [
    managedObject('vzInTerm', {}, [...relations(terms.forward), ...relations(terms.denied, true)]),
    managedObject('vzOutTerm', {}, relations(terms.reverse)),
  ]);
}

/** Contract relations of every group: as provider, as consumer, and among its own members. */
export function relationsByGroup(contracts: readonly ContractPlan[]): ReadonlyMap<GroupName, readonly ManagedObject[]> {
  const relations = new Map<GroupName, ManagedObject[]>();
  const add = (group: GroupName, className: string, contract: string): void => {
    const relation = managedObject(className, { tnVzBrCPName: contract });
    const list = relations.get(group);
    if (list === undefined) relations.set(group, [relation]);
    else list.push(relation);
  };
  for (const { name, providers, consumers, inside } of contracts) {
    for (const provider of [...providers].sort()) add(provider, 'fvRsProv', name);
    for (const consumer of [...consumers].sort()) add(consumer, 'fvRsCons', name);
    if (inside !== undefined) add(inside, 'fvRsIntraEpg', name);
  }
  return relations;
}

/** Policies behind the contracts that each of the groups takes part in. */
export function sourcesByGroup(
  contracts: readonly ContractPlan[],
  groups: ReadonlySet<GroupName>,
): ReadonlyMap<GroupName, readonly string[]> {
  const sources = new Map([...groups].map((group) => [group, new Set<string>()]));
  const add = (group: GroupName, policies: readonly string[]): void => {
    const known = sources.get(group);
    if (known !== undefined) for (const policy of policies) known.add(policy);
  };
  for (const plan of contracts) {
    for (const side of [plan.providers, plan.consumers]) for (const group of side) add(group, plan.sources);
  }
  return new Map([...sources].map(([group, own]) => [group, [...own]]));
}

/** Relations of vzAny to the contracts on whose one side the whole VRF stands. */
export const wholeVrfRelations = (contracts: readonly ContractPlan[]): readonly ManagedObject[] =>
  contracts.flatMap(({ name, wholeVrf }) => {
    const classNames = {
      consumes: ['vzRsAnyToCons'],
      provides: ['vzRsAnyToProv'],
      both: ['vzRsAnyToProv', 'vzRsAnyToCons'],
    };
    const wanted = wholeVrf === undefined ? [] : classNames[wholeVrf];
    return wanted.map((className) => managedObject(className, { tnVzBrCPName: name }));
  });

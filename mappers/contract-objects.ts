import { type ManagedObject, managedObject } from '#model/aci';
import type { ContractPlan, ContractTerms } from './contract-plan.js';
import type { FilterPlan } from './filters.js';

/** The managed object of a contract. In and out terms exclude filters of the subject itself (policy.md A11). */
export function contractObject(plan: Pick<ContractPlan, 'name' | 'terms'>): ManagedObject {
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

/** Relations of vzAny to the contracts on whose one side the whole VRF stands. */
export const wholeVrfRelations = (
  contracts: readonly Pick<ContractPlan, 'name' | 'wholeVrf'>[],
): readonly ManagedObject[] =>
  contracts.flatMap(({ name, wholeVrf }) => {
    const classNames = {
      consumes: ['vzRsAnyToCons'],
      provides: ['vzRsAnyToProv'],
      both: ['vzRsAnyToProv', 'vzRsAnyToCons'],
    };
    const wanted = wholeVrf === undefined ? [] : classNames[wholeVrf];
    return wanted.map((className) => managedObject(className, { tnVzBrCPName: name }));
  });

// Fitting policies into the fabric, for the scenarios of policy.md §3.13.
//
// Measured, in processor time of this process, best of five: mapping, which is needed anyway; the forecast
// from the contracts, as a share of the mapping; then with limits that need groups joined: S2 from its groups to 1,000, S3 from
// 10,003 to 3,000, once from nothing and once more with what is remembered; and S3 with a policy memory that its rules do not
// fit into.
// Limits: the forecast at most 5 % of the mapping; S3 to 3,000 groups and mapping them at most 5 times the mapping of
// all groups.
import { mapFabric } from '#mappers';
import { snapshotOf } from '#model/kubernetes';
import { type CompiledPolicy, EMPTY_ALLOCATION } from '#model/policy';
import type { FabricSettings, Limits } from '#model/settings';
import { compileOpen, type PoliciesOf, policiesOf } from '#policy';
import { OWN_FABRIC } from '#support/settings';
import { type BudgetMemory, fitToBudget, isWithinBudget } from '#workers';
import { best, judge, processorMs } from './figures.js';
import { scenario } from './policy-scenarios.js';

const SETTINGS: FabricSettings = { ...OWN_FABRIC, vlanPool: { ...OWN_FABRIC.vlanPool, from: 2, to: 20_000 } };

/** No resource is short. */
const PLENTY: Limits = {
  endpointGroups: 10_000_000,
  externalGroups: 10_000_000,
  contracts: 10_000_000,
  filters: 10_000_000,
  vlansPerLeaf: 10_000_000,
  portVlansPerLeaf: 10_000_000,
  policyEntriesPerLeaf: 10_000_000,
};

const withLimits = (limits: Partial<Limits>): FabricSettings => ({
  ...SETTINGS,
  budget: { hostPortsPerLeaf: 10, limits: { ...PLENTY, ...limits } },
});

interface Subject {
  readonly name: string;
  readonly compiled: CompiledPolicy;
  readonly policiesOf: PoliciesOf;
}

function subjectOf(name: 'S2' | 'S3'): Subject {
  // More VLANs than there are: so that only the limits that are given decide.
  const options = { vlanPool: { from: 2, to: 20_000 }, foreignEpgs: [], groupBoundary: 'namespace' as const };
  const { compiler, compiled } = compileOpen(snapshotOf(scenario(name).objects, 1), EMPTY_ALLOCATION, options);
  return { name, compiled, policiesOf: policiesOf(compiler) };
}

function fitted({ compiled, policiesOf: of }: Subject, settings: FabricSettings, before?: BudgetMemory) {
  return fitToBudget(compiled, { settings, policiesOf: of, before });
}

function measureForecast(subject: Subject): number {
  const planning = best(5, () => mapFabric(subject.compiled, SETTINGS));
  const settings = withLimits({});
  const { mapper } = fitted(subject, settings);
  const forecast = best(5, () => isWithinBudget(mapper, { settings }));
  console.log(`     ${subject.name} mapping: ${planning.toFixed(0)} ms`);
  judge(`${subject.name} forecast, share of the mapping`, forecast / planning, { atMost: 0.05 });
  return planning;
}

function measureJoining(subject: Subject, groups: number, planning: number): void {
  const settings = withLimits({ endpointGroups: groups });
  const first = fitted(subject, settings);
  const count = subject.compiled.groups.length;
  const what = `${subject.name} from ${count} to ${groups} groups`;
  console.log(`     ${what}: ${first.joined.approximate.size} groups of the fabric permit more`);
  const fresh = best(3, () => fitted(subject, settings)) / planning;
  judge(`${what}, times the mapping of all`, fresh, { atMost: 5 });
  const again = best(3, () => fitted(subject, settings, first.memory)) / planning;
  judge(`${what} once more, times the mapping of all`, again, { atMost: 5 });
}

const [s2, s3] = [subjectOf('S2'), subjectOf('S3')];
measureJoining(s2, 1000, measureForecast(s2));
const planningS3 = measureForecast(s3);
measureJoining(s3, 3000, planningS3);
const tight = withLimits({ policyEntriesPerLeaf: 30_000 });
const rules = processorMs(() => {
  const { forecast, memory } = fitted(s3, tight);
  const text = forecast.map(({ resource, used }) => `${resource} ${used}`).join(', ');
  console.log(`     S3 with 30,000 entries: ${[...memory.escalations].join(' ')}; ${text}`);
});
console.log(`     S3 with 30,000 entries: ${(rules / planningS3).toFixed(1)} times the mapping of all`);

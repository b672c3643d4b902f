import { classRow } from '#model/aci';

/** What a fault's code stands for. */
export interface FaultKind {
  readonly code: string;
  /** As `faultInst.rule` has it: `fv-rs-bd-resolve-fail`. */
  readonly rule: string;
  readonly cause: string;
  readonly subject: string;
  readonly severity: 'warning' | 'minor' | 'major' | 'critical';
}

const resolveFaults = new Map<string, FaultKind | undefined>();

/** The fault of a relation whose target is not there; undefined for a relation that has none (aci-model.md §5). */
export function resolveFault(className: string): FaultKind | undefined {
  if (!resolveFaults.has(className)) resolveFaults.set(className, findResolveFault(className));
  return resolveFaults.get(className);
}

function findResolveFault(className: string): FaultKind | undefined {
  const faults = Object.entries(classRow(className)?.faults ?? {});
  const found = faults.find(([, name]) => name.endsWith('ResolveFail'));
  if (found === undefined) return undefined;
  const [code, name] = found;
  return {
    code,
    rule: ruleName(name),
    cause: 'resolution-failed',
    subject: 'relation-resolution',
    severity: 'warning',
  };
}

/** `fltFvRsBdResolveFail` → `fv-rs-bd-resolve-fail`. */
const ruleName = (name: string): string =>
  name
    .replace(/^flt/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase();

/** Two bridge domains of a VRF with one subnet (pre-upgrade validation script of ACI, F0469). */
export const DUPLICATE_SUBNETS: FaultKind = {
  code: 'F0469',
  rule: 'fv-bdconfig-issues-config-failed',
  cause: 'configuration-failed',
  subject: 'management',
  severity: 'minor',
};

/** A configuration that the leaves cannot take: encaps, paths, prefixes (apic-protocol.md §6.6; policy.md A5). */
export const CONFIGURATION_FAILED: FaultKind = {
  code: 'F0467',
  rule: 'fv-nw-issues-config-failed',
  cause: 'configuration-failed',
  subject: 'management',
  severity: 'minor',
};

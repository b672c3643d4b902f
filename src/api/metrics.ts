import type { GatewayStatus, Measure } from '#ports';

/** Content type of {@link metricsText}. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

interface Figure {
  readonly name: string;
  readonly help: string;
  readonly values: readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];
}

/** The gateway's figures in the text form of Prometheus (exposition format 0.0.4). Names that end in `_total` only grow. */
export function metricsText(status: GatewayStatus, measures: readonly Measure[], leads = true): string {
  const leader = single('leader', 'Whether this gateway leads.', Number(leads));
  return [leader, ...statusFigures(status), ...measuredFigures(measures)].map(figureText).join('');
}

const PREFIX = 'acigw_';

const single = (name: string, help: string, value: number): Figure => ({ name, help, values: [[{}, value]] });

function statusFigures(status: GatewayStatus): readonly Figure[] {
  const { apicRequests, audits, planAudits, mirror, drift } = status;
  const audited = (count: (of: typeof audits) => number): Figure['values'] => [
    [{ what: 'policy' }, count(audits)],
    [{ what: 'plan' }, count(planAudits)],
  ];
  return [
    single('converged', 'Whether fabric and policy store are as the cluster wants them.', Number(status.converged)),
    single('groups', 'Groups of pods.', status.groups),
    single('contracts', 'Contracts that are wanted.', status.contracts),
    {
      name: 'apic_requests_total',
      help: 'Requests sent to the APIC.',
      values: Object.entries(apicRequests).map(([kind, count]: [string, number]) => [{ kind }, count]),
    },
    { name: 'audits_total', help: 'Comparisons with a whole computation.', values: audited(({ done }) => done) },
    {
      name: 'audit_differences_total',
      help: 'Comparisons that differed; more than 0 is a bug.',
      values: audited(({ differences }) => differences),
    },
    single('mirror_objects', 'Managed objects of the fabric in memory.', mirror.objects),
    single('mirror_faults', 'Faults of the fabric in memory.', mirror.faults),
    single('mirror_bytes', 'Memory that they take, estimated.', mirror.bytes),
    single('relists_total', 'Lists of the fabric after the first one.', mirror.lists),
    single('relist_differences_total', 'Differences that lists found and no event had told.', mirror.missed),
    {
      name: 'drift_total',
      help: 'What others changed in the objects of the gateway.',
      values: drift.map(({ policy, className, count }) => [{ policy, class: className }, count]),
    },
  ];
}

function measuredFigures(measures: readonly Measure[]): readonly Figure[] {
  const figures = new Map<string, (readonly [Readonly<Record<string, string>>, number])[]>();
  for (const { name, labels, value } of measures) {
    const known = figures.get(name) ?? [];
    known.push([labels, value]);
    figures.set(name, known);
  }
  return [...figures].map(([name, values]) => ({ name, help: HELP[name] ?? name, values }));
}

const HELP: Readonly<Record<string, string>> = {
  findings: 'Findings of now.',
  findings_told_total: 'Findings told to their Kubernetes objects.',
  findings_cleared_total: 'Findings told to be over.',
  fabric_groups: 'FabricGroup objects that should be there.',
  inventory_objects: 'Objects of the inventory of the fabric in memory.',
  kubernetes_write_failures_total: 'Rounds of writing to Kubernetes in which something failed.',
};

function figureText({ name, help, values }: Figure): string {
  const whole = `${PREFIX}${name}`;
  const type = name.endsWith('_total') ? 'counter' : 'gauge';
  const lines = values.map(([labels, value]) => `${whole}${labelsText(labels)} ${value}\n`);
  return `# HELP ${whole} ${help}\n# TYPE ${whole} ${type}\n${lines.join('')}`;
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join()}}`;
}

/** Backslash, quote and line feed are escaped in the value of a label. */
const escaped = (text: string): string => text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');

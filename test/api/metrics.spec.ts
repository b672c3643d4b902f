import assert from 'node:assert/strict';
import type { GatewayStatus } from '#ports';
import { metricsText } from '../../src/api/metrics.js';

const STATUS: GatewayStatus = {
  converged: true,
  waitingFor: [],
  revision: 7,
  groups: 3,
  contracts: 2,
  findings: 1,
  apicRequests: { logins: 1, reads: 2, writes: 3, refreshes: 4 },
  audits: { done: 5, differences: 0 },
  planAudits: { done: 6, differences: 1 },
  mirror: { objects: 10, faults: 1, bytes: 2048, lists: 2, missed: 3 },
  drift: [{ policy: 'repair', className: 'fvAEPg', count: 2 }],
};

/** A line of the text form (Prometheus exposition format 0.0.4): a comment, or a name, labels and a number. */
const LINE = /^(# (HELP|TYPE) acigw_[a-z_]+ .+|acigw_[a-z_]+(\{([a-z_]+="([^"\\\n]|\\[\\n"])*",?)+\})? -?[0-9.e+]+)$/;

describe('API: metrics', () => {
  const text = metricsText(STATUS, [
    { name: 'findings', labels: { code: 'DRIFT' }, value: 1 },
    { name: 'findings', labels: { code: 'a "quoted"\nline \\' }, value: 2 },
    { name: 'fabric_groups', labels: {}, value: 4 },
  ]);

  it('are lines that Prometheus reads, each name with one help and one type', () => {
    const lines = text.trimEnd().split('\n');
    for (const line of lines) assert.match(line, LINE);
    const named = (kind: string): readonly string[] =>
      lines.filter((line) => line.startsWith(`# ${kind} `)).map((line) => line.split(' ')[2] ?? '');
    assert.deepEqual(named('HELP'), named('TYPE'));
    assert.equal(new Set(named('HELP')).size, named('HELP').length);
    for (const line of lines.filter((one) => one.startsWith('# TYPE '))) {
      assert.equal(line.endsWith(' counter'), line.split(' ')[2]?.endsWith('_total'), line);
    }
  });

  it('say the figures of the status, and those that were measured', () => {
    for (const line of [
      'acigw_converged 1',
      'acigw_apic_requests_total{kind="writes"} 3',
      'acigw_audit_differences_total{what="plan"} 1',
      'acigw_mirror_bytes 2048',
      'acigw_drift_total{policy="repair",class="fvAEPg"} 2',
      'acigw_findings{code="DRIFT"} 1',
      'acigw_findings{code="a \\"quoted\\"\\nline \\\\"} 2',
      'acigw_fabric_groups 4',
    ]) {
      assert.ok(text.split('\n').includes(line), line);
    }
  });
});

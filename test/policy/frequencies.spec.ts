import assert from 'node:assert/strict';
import fc from 'fast-check';
import { clusterArbitrary, type GeneratedCluster } from '#support/cluster-arbitrary';
import { type PolicyBody, policiesOf, type RuleBody, type SelectorBody } from '#support/policy-rewriting';

// Random clusters find mistakes only where they are dense enough (policy.md §4.5). The frequencies are those that it asks
// for; a change of an arbitrary that leaves them shows here.

const CLUSTERS = 1500;

interface Share {
  hits: number;
  of: number;
}

class Shares {
  readonly #shares = new Map<string, Share>();

  add(name: string, hit: boolean): void {
    const share = this.#shares.get(name) ?? { hits: 0, of: 0 };
    share.of += 1;
    if (hit) share.hits += 1;
    this.#shares.set(name, share);
  }

  percent(name: string): number {
    const { hits, of } = this.#shares.get(name) ?? { hits: 0, of: 0 };
    return Math.round((1000 * hits) / Math.max(of, 1)) / 10;
  }
}

function measureSelector(shares: Shares, selector: SelectorBody): void {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  shares.add('empty selectors', Object.keys(matchLabels).length + matchExpressions.length === 0);
  for (const { operator } of matchExpressions) {
    for (const one of ['In', 'NotIn', 'Exists', 'DoesNotExist']) shares.add(`expressions ${one}`, operator === one);
  }
}

function measureRule(shares: Shares, rule: RuleBody): void {
  const { from, to, ports } = rule;
  shares.add('rules for everyone', (from ?? to ?? []).length === 0);
  shares.add('rules for every port', (ports ?? []).length === 0);
  for (const { podSelector, namespaceSelector, ipBlock } of from ?? to ?? []) {
    shares.add('ipBlock peers', ipBlock !== undefined);
    if (ipBlock !== undefined) {
      shares.add('blocks with except', (ipBlock.except ?? []).length > 0);
      shares.add('blocks of IPv6', ipBlock.cidr.includes(':'));
      shares.add('blocks with host bits', ipBlock.cidr === '203.0.113.9/4');
    }
    for (const selector of [podSelector, namespaceSelector])
      if (selector !== undefined) measureSelector(shares, selector);
  }
  for (const { port, endPort, protocol } of ports ?? []) {
    shares.add('named ports', typeof port === 'string');
    shares.add('port ranges', endPort !== undefined);
    shares.add('ports without a number', port === undefined);
    shares.add('ports without a protocol', protocol === undefined);
    if (typeof port === 'string') shares.add('names that no pod has', port === 'ghost');
  }
}

function measurePolicy(shares: Shares, spec: PolicyBody): void {
  measureSelector(shares, spec.podSelector);
  shares.add('policyTypes missing or empty', (spec.policyTypes ?? []).length === 0);
  shares.add('ingress missing', spec.ingress === undefined);
  shares.add('egress missing', spec.egress === undefined);
  shares.add('egress empty', spec.egress?.length === 0);
  for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) measureRule(shares, rule);
}

function measureCluster(shares: Shares, { objects }: GeneratedCluster): void {
  for (const { spec } of policiesOf(objects)) measurePolicy(shares, spec);
  shares.add('clusters with policies of the tiers', objects.tieredPolicies.length > 0);
  for (const pod of objects.pods) {
    const { hostNetwork } = pod['spec'] as { readonly hostNetwork: boolean };
    const { phase, podIPs } = pod['status'] as {
      readonly phase: string;
      readonly podIPs: readonly { readonly ip: string }[];
    };
    shares.add('pods with hostNetwork', hostNetwork);
    shares.add('pods that ended', phase === 'Succeeded' || phase === 'Failed');
    shares.add('dual stack pods', podIPs.length === 2);
    shares.add(
      'pods of IPv6 alone',
      podIPs.every(({ ip }) => ip.includes(':')),
    );
    shares.add('terminating pods', pod.metadata.deletionTimestamp !== undefined);
    const labels = Object.values(pod.metadata.labels ?? {});
    shares.add('pods with an empty label value', labels.includes(''));
    shares.add('pods that lack a key', labels.length < 2);
  }
}

/** Least and greatest share, in percent. */
const EXPECTED: Readonly<Record<string, readonly [number, number]>> = {
  'empty selectors': [30, 45],
  'expressions In': [15, 40],
  'expressions NotIn': [15, 40],
  'expressions Exists': [15, 40],
  'expressions DoesNotExist': [15, 40],
  'policyTypes missing or empty': [10, 22],
  'ingress missing': [18, 32],
  'egress missing': [18, 32],
  'egress empty': [5, 40],
  'rules for everyone': [15, 50],
  'rules for every port': [15, 60],
  'ipBlock peers': [25, 37],
  'blocks with except': [10, 50],
  'blocks of IPv6': [10, 35],
  'blocks with host bits': [5, 20],
  'named ports': [20, 32],
  'port ranges': [15, 35],
  'ports without a number': [15, 35],
  'ports without a protocol': [10, 40],
  'names that no pod has': [20, 45],
  'clusters with policies of the tiers': [50, 90],
  'pods with hostNetwork': [5, 15],
  'pods that ended': [5, 15],
  'dual stack pods': [30, 75],
  'pods of IPv6 alone': [2, 15],
  'terminating pods': [3, 15],
  'pods with an empty label value': [10, 50],
  'pods that lack a key': [30, 90],
};

describe('random clusters', () => {
  it('have everything that policies can trip over, often enough', () => {
    const shares = new Shares();
    for (const cluster of fc.sample(clusterArbitrary, CLUSTERS)) measureCluster(shares, cluster);
    const drifted = Object.entries(EXPECTED).flatMap(([name, [least, most]]) => {
      const percent = shares.percent(name);
      return percent >= least && percent <= most ? [] : [`${name}: ${percent} %, not ${least} to ${most} %`];
    });
    assert.deepEqual(drifted, []);
  });
});

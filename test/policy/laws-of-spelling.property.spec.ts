import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatPrefix, type Prefix, parsePrefix } from '#model/net';
import { networkPolicyClusters } from '#support/cluster-arbitrary';
import {
  explicit,
  type NamedPolicy,
  type PeerBody,
  type PolicyBody,
  policiesOf,
  type RuleBody,
  rewriteAllPeers,
  rewritePods,
  rewritePorts,
  rewriteRules,
  rewriteSelectors,
  rewriteSpecs,
  type SelectorBody,
  withPolicies,
} from '#support/policy-rewriting';
import { type ClusterObjects, tableText, verdictTable } from '#support/verdict-table';

// Laws of policy.md §4.6 by which a policy that is written in another way means the same. They need no oracle.

/** Asserts that the two mean the same; says how often the rewriting changed anything at all. */
function holds(rewrite: (objects: ClusterObjects, random: () => number) => ClusterObjects, numRuns = 120): void {
  let rewritten = 0;
  fc.assert(
    fc.property(networkPolicyClusters, fc.infiniteStream(fc.nat()), ({ objects }, numbers) => {
      const other = rewrite(objects, () => numbers.next().value);
      if (JSON.stringify(other) !== JSON.stringify(objects)) rewritten += 1;
      assert.deepEqual(tableText(verdictTable(other)), tableText(verdictTable(objects)));
    }),
    { numRuns },
  );
  assert.ok(rewritten > numRuns / 8, `only ${rewritten} of ${numRuns} clusters were written in another way`);
}

/** The items in another order, one of them twice. */
function shuffled<Item>(items: readonly Item[], random: () => number): readonly Item[] {
  const rest = [...items];
  const result: Item[] = [];
  while (rest.length > 0) result.push(...rest.splice(random() % rest.length, 1));
  const again = result[random() % Math.max(result.length, 1)];
  return again === undefined ? result : [...result, again];
}

const shuffledList = (body: object, field: string, random: () => number): object => {
  const list = (body as Readonly<Record<string, readonly unknown[] | undefined>>)[field];
  return list === undefined ? {} : { [field]: shuffled(list, random) };
};

function shuffledSpec(spec: PolicyBody, random: () => number): PolicyBody {
  const selector = (body: SelectorBody): SelectorBody => ({
    ...body,
    ...shuffledList(body, 'matchExpressions', random),
  });
  const rule = (body: RuleBody): RuleBody => ({
    ...body,
    ...shuffledList(body, 'from', random),
    ...shuffledList(body, 'to', random),
    ...shuffledList(body, 'ports', random),
  });
  return rewriteSelectors(
    rewriteRules(spec, (rules) => shuffled(rules.map(rule), random)),
    selector,
  );
}

/** One policy for each rule of each direction; a direction without rules is one policy that isolates. */
const splitPolicy = ({ namespace, name, spec }: NamedPolicy): readonly NamedPolicy[] => {
  const { podSelector, ingress, egress } = explicit(spec);
  const parts = (type: 'Ingress' | 'Egress', rules: readonly RuleBody[] | undefined): readonly PolicyBody[] => {
    const field = type.toLowerCase();
    if (rules === undefined) return [];
    if (rules.length === 0) return [{ podSelector, policyTypes: [type], [field]: [] }];
    return rules.map((rule) => ({ podSelector, policyTypes: [type], [field]: [rule] }));
  };
  return [...parts('Ingress', ingress), ...parts('Egress', egress)].map((part, index) => ({
    namespace,
    name: `${name}-${index}`,
    spec: part,
  }));
};

/** The two halves of a prefix. */
function halvesOf({ family, first, length }: Prefix): readonly Prefix[] {
  const size = 1n << BigInt((family === 4 ? 32 : 128) - length - 1);
  return [first, first + size].map((start) => ({ family, first: start, length: length + 1 }));
}

const within = (inner: Prefix, outer: Prefix): boolean => {
  const size = 1n << BigInt((outer.family === 4 ? 32 : 128) - outer.length);
  return inner.length >= outer.length && inner.first >= outer.first && inner.first < outer.first + size;
};

/** The block as two of half its size; exceptions go with the half that they lie in. */
function halvedBlock({ ipBlock, ...rest }: PeerBody): readonly PeerBody[] {
  if (ipBlock === undefined) return [rest];
  const cidr = parsePrefix(ipBlock.cidr);
  if (cidr.length === (cidr.family === 4 ? 32 : 128)) return [{ ipBlock }];
  const excepted = (ipBlock.except ?? []).map(parsePrefix);
  return halvesOf(cidr).flatMap((half) => {
    if (excepted.some((one) => within(half, one))) return [];
    const except = excepted.filter((one) => within(one, half)).map(formatPrefix);
    return [{ ipBlock: { cidr: formatPrefix(half), except } }];
  });
}

/** The prefixes that make up what is left of one when others are taken out. */
function complement(cidr: Prefix, except: readonly Prefix[]): readonly Prefix[] {
  if (except.some((one) => within(cidr, one))) return [];
  const inside = except.filter((one) => within(one, cidr));
  return inside.length === 0 ? [cidr] : halvesOf(cidr).flatMap((half) => complement(half, inside));
}

const withoutExcept = ({ ipBlock, ...rest }: PeerBody): readonly PeerBody[] =>
  ipBlock === undefined
    ? [rest]
    : complement(parsePrefix(ipBlock.cidr), (ipBlock.except ?? []).map(parsePrefix)).map((prefix) => ({
        ipBlock: { cidr: formatPrefix(prefix) },
      }));

const VALUES = ['a', 'b', ''] as const;

/** `matchLabels` as expressions with one value. */
const asExpressions = ({ matchLabels = {}, matchExpressions = [] }: SelectorBody): SelectorBody => ({
  matchExpressions: [
    ...Object.entries(matchLabels).map(([key, value]) => ({ key, operator: 'In' as const, values: [value] })),
    ...matchExpressions,
  ],
});

/** Every alternative of an `In` or `NotIn` as a selector of its own. */
function alternatives({ matchExpressions = [], ...rest }: SelectorBody): readonly SelectorBody[] {
  const index = matchExpressions.findIndex(({ operator, values = [] }) =>
    operator === 'NotIn' ? true : operator === 'In' && values.length > 1,
  );
  const expression = matchExpressions[index];
  if (expression === undefined) return [{ ...rest, matchExpressions }];
  const { key, operator, values = [] } = expression;
  const others = operator === 'In' ? values : VALUES.filter((value) => !values.includes(value));
  const split: NonNullable<SelectorBody['matchExpressions']> = [
    ...others.map((value) => ({ key, operator: 'In' as const, values: [value] })),
    ...(operator === 'NotIn' ? [{ key, operator: 'DoesNotExist' as const }] : []),
  ];
  return split.flatMap((one) => alternatives({ ...rest, matchExpressions: matchExpressions.with(index, one) }));
}

const splitPeer = (peer: PeerBody): readonly PeerBody[] => {
  const { podSelector, namespaceSelector } = peer;
  if (podSelector === undefined && namespaceSelector === undefined) return [peer];
  const pods = podSelector === undefined ? [undefined] : alternatives(podSelector);
  const namespaces = namespaceSelector === undefined ? [undefined] : alternatives(namespaceSelector);
  return pods.flatMap((pod) =>
    namespaces.map((namespace) => ({
      ...(pod === undefined ? {} : { podSelector: pod }),
      ...(namespace === undefined ? {} : { namespaceSelector: namespace }),
    })),
  );
};

describe('policies that are written in another way mean the same', () => {
  it('1: order and repetition of policies, rules, peers, ports and expressions', () => {
    holds((objects, random) => {
      const copied = policiesOf(objects).map((policy) => ({ ...policy, spec: shuffledSpec(policy.spec, random) }));
      const list = shuffled(copied, random);
      return withPolicies(
        objects,
        list.map((policy, index) => ({ ...policy, name: `again-${index}` })),
      );
    });
  });

  it('2: one policy with some rules, or a policy for each of them', () => {
    holds((objects) => withPolicies(objects, policiesOf(objects).flatMap(splitPolicy)));
  });

  it('6: a CIDR, or its two halves', () => {
    holds((objects) => rewriteSpecs(objects, (spec) => rewriteAllPeers(spec, halvedBlock)), 200);
  });

  it('7: a CIDR with exceptions, or the prefixes that are left of it', () => {
    holds((objects) => rewriteSpecs(objects, (spec) => rewriteAllPeers(spec, withoutExcept)), 200);
  });

  it('12: matchLabels or In with one value; In with two or two peers; NotIn or absent and the other values', () => {
    holds((objects) => rewriteSpecs(objects, (spec) => rewriteSelectors(spec, asExpressions)));
    holds((objects) => rewriteSpecs(objects, (spec) => rewriteAllPeers(spec, splitPeer)));
  });

  it('13: pods of the own namespace by a podSelector alone, or with the namespace by its name', () => {
    holds((objects) =>
      rewriteSpecs(objects, (spec, { namespace }) =>
        rewriteAllPeers(spec, (peer) =>
          peer.podSelector === undefined || peer.namespaceSelector !== undefined
            ? [peer]
            : [{ ...peer, namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }],
        ),
      ),
    );
  });

  it('14: a port by number, or by a name that every destination has for it', () => {
    const PORTS = [53, 80, 81, 8080];
    const named = (objects: ClusterObjects): ClusterObjects =>
      rewritePods(objects, (pod) => {
        const containers = ['TCP', 'UDP', 'SCTP'].map((protocol) => ({
          name: protocol.toLowerCase(),
          ports: PORTS.map((port) => ({ name: `port-${port}`, containerPort: port, protocol })),
        }));
        const spec = pod['spec'] as { readonly containers: readonly object[] };
        return { ...pod, spec: { ...spec, containers: [...spec.containers, ...containers] } };
      });
    let probed = 0;
    fc.assert(
      fc.property(networkPolicyClusters, ({ objects }) => {
        const before = named(objects);
        const after = rewriteSpecs(before, (spec) =>
          rewritePorts(spec, (port) =>
            typeof port.port === 'number' && port.endPort === undefined
              ? [{ ...port, port: `port-${port.port}` }]
              : [port],
          ),
        );
        if (JSON.stringify(before) !== JSON.stringify(after)) probed += 1;
        // Toward an outside address a name matches nothing (policy.md N19): only pods as destinations.
        const pods = new Set(objects.pods.flatMap((_, index) => [`10.0.0.${index + 1}`, `2001:db8::${index + 1}`]));
        const inside = (text: Readonly<Record<string, string>>): object =>
          Object.fromEntries(Object.entries(text).filter(([pair]) => pods.has(pair.split(' > ')[1] ?? '')));
        assert.deepEqual(inside(tableText(verdictTable(after))), inside(tableText(verdictTable(before))));
      }),
      { numRuns: 120 },
    );
    assert.ok(probed > 20, `only ${probed} clusters have ports by number`);
  });

  it('15: a range of ports, or each of them', () => {
    const short = (objects: ClusterObjects, enumerated: boolean): ClusterObjects =>
      rewriteSpecs(objects, (spec) =>
        rewritePorts(spec, (port) => {
          if (typeof port.port !== 'number' || port.endPort === undefined) return [port];
          const { port: from, endPort, ...rest } = port;
          const size = 1 + (endPort % 7);
          if (!enumerated) return [{ ...rest, port: from, endPort: from + size - 1 }];
          return Array.from({ length: size }, (_, index) => ({ ...rest, port: from + index }));
        }),
      );
    let ranges = 0;
    fc.assert(
      fc.property(networkPolicyClusters, ({ objects }) => {
        const [range, each] = [short(objects, false), short(objects, true)];
        if (JSON.stringify(range) !== JSON.stringify(each)) ranges += 1;
        assert.deepEqual(tableText(verdictTable(each)), tableText(verdictTable(range)));
      }),
      { numRuns: 200 },
    );
    assert.ok(ranges > 20, `only ${ranges} clusters have ranges of ports`);
  });
});

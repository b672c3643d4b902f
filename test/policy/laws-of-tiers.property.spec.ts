import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ConnSet, formatPrefix, isEverything, NOTHING, parsePrefix } from '#model/net';
import { clusterArbitrary } from '#support/cluster-arbitrary';
import { addressesOf, policiesOf, type SelectorBody, withPolicies } from '#support/policy-rewriting';
import {
  isAdmin,
  type NamedTieredPolicy,
  rewriteTiered,
  rewriteTieredPeers,
  rewriteTieredRules,
  rewriteTieredSelectors,
  type TieredBody,
  type TieredPeerBody,
  type TieredRuleBody,
  tieredOf,
  withTiered,
} from '#support/tiered-rewriting';
import { type ClusterObjects, tableText, type VerdictTable, verdictTable } from '#support/verdict-table';

// Laws of policy.md §4.6 about the tiers around NetworkPolicy (§1.7). They need no oracle. Names decide between equal
// priorities: `!` stands before the names of generated policies and `~` after them.

const EVERYWHERE: readonly TieredPeerBody[] = [{ namespaces: {} }, { networks: ['0.0.0.0/0', '::/0'] }];
const EVERY_POD: readonly TieredPeerBody[] = [{ namespaces: {} }];

const whole = (action: string): Pick<TieredBody, 'ingress' | 'egress'> => ({
  ingress: [{ action, from: EVERY_POD }],
  egress: [{ action, to: EVERYWHERE }],
});

const policy = (name: string, spec: TieredBody): NamedTieredPolicy => ({ kind: 'ClusterNetworkPolicy', name, spec });

const first = (spec: Omit<TieredBody, 'tier' | 'priority'>, tier: 'Admin' | 'Baseline' = 'Admin'): NamedTieredPolicy =>
  policy('!first', { tier, priority: 0, ...spec });
const last = (spec: Omit<TieredBody, 'tier' | 'priority'>, tier: 'Admin' | 'Baseline' = 'Admin'): NamedTieredPolicy =>
  policy('~last', { tier, priority: 1000, ...spec });

const and = (objects: ClusterObjects, ...more: readonly NamedTieredPolicy[]): ClusterObjects =>
  withTiered(objects, [...tieredOf(objects), ...more]);

const without = (objects: ClusterObjects, dropped: (policy: NamedTieredPolicy) => boolean): ClusterObjects =>
  withTiered(
    objects,
    tieredOf(objects).filter((one) => !dropped(one)),
  );

const text = (objects: ClusterObjects): Readonly<Record<string, string>> => tableText(verdictTable(objects));

const SELECTORS: readonly SelectorBody[] = [
  {},
  { matchLabels: { app: 'a' } },
  { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] },
];
const subject = fc.record({
  namespaceSelector: fc.constantFrom(...SELECTORS),
  podSelector: fc.constantFrom(...SELECTORS),
});
const everyone: TieredBody['subject'] = { namespaces: {} };

/** Addresses of the pods that policies apply to, and of those that the subject names. */
function podsOf(
  objects: ClusterObjects,
  { namespaceSelector, podSelector }: typeof subject extends fc.Arbitrary<infer T> ? T : never,
) {
  const running = objects.pods.filter(({ spec, status }) => {
    const { hostNetwork } = spec as { readonly hostNetwork: boolean };
    return !hostNetwork && !['Succeeded', 'Failed'].includes((status as { readonly phase: string }).phase);
  });
  const matches = (selector: SelectorBody, labels: Readonly<Record<string, string>> = {}): boolean =>
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (selector.matchExpressions ?? []).every(({ key }) => !Object.hasOwn(labels, key));
  const named = running.filter(({ metadata }) => {
    const namespace = objects.namespaces.find((one) => one.metadata.name === metadata.namespace);
    return matches(namespaceSelector, namespace?.metadata.labels) && matches(podSelector, metadata.labels);
  });
  return { all: new Set(running.flatMap(addressesOf)), subjects: new Set(named.flatMap(addressesOf)) };
}

/** Rows of the table by `source > destination`, of those that the condition holds for. */
const part = (
  table: VerdictTable,
  wanted: (source: string, destination: string) => boolean,
): Readonly<Record<string, string>> =>
  tableText(
    new Map(
      [...table].filter(([pair]) => {
        const [source = '', destination = ''] = pair.split(' > ');
        return wanted(source, destination);
      }),
    ),
  );

describe('laws of the tiers around NetworkPolicy', () => {
  it('17: an Admin Accept of all, for some pods, opens what they open and nothing else', () => {
    let opened = 0;
    fc.assert(
      fc.property(clusterArbitrary, subject, ({ objects }, pods) => {
        const { all, subjects } = podsOf(objects, pods);
        const before = verdictTable(objects);
        const receiving = and(objects, first({ subject: everyone, ingress: whole('Accept').ingress ?? [] }));
        const sending = first({ subject: { pods }, egress: whole('Accept').egress ?? [] });
        const after = verdictTable(and(receiving, { ...sending, name: '!!first' }));
        const sources = [...subjects];
        for (const source of sources) {
          for (const destination of all) {
            if (source.includes(':') !== destination.includes(':') || source === destination) continue;
            const set: ConnSet = after.get(`${source} > ${destination}`) ?? NOTHING;
            assert.ok(isEverything(set), `${source} > ${destination}`);
            if (!isEverything(before.get(`${source} > ${destination}`) ?? NOTHING)) opened += 1;
          }
          assert.ok(
            isEverything(after.get(source.includes(':') ? `${source} > 8000::1` : `${source} > 8.8.8.8`) ?? NOTHING),
          );
        }
        const others = (source: string): boolean => !subjects.has(source);
        assert.deepEqual(part(after, others), part(verdictTable(receiving), others), 'nobody else is touched');
        const fromOutside = (source: string): boolean => !all.has(source);
        assert.deepEqual(
          part(after, fromOutside),
          part(before, fromOutside),
          'what comes from outside is no peer of it',
        );
      }),
      { numRuns: 200 },
    );
    assert.ok(opened > 50, `only ${opened} pairs were opened`);
  });

  it('17: an Admin Deny of all, for some pods and one direction, closes that and nothing else', () => {
    let closed = 0;
    fc.assert(
      fc.property(clusterArbitrary, subject, fc.boolean(), ({ objects }, pods, inward) => {
        const { all, subjects } = podsOf(objects, pods);
        const { ingress = [], egress = [] } = whole('Deny');
        const deny = first({ subject: { pods }, ...(inward ? { ingress } : { egress }) });
        const hit = (source: string, destination: string): boolean =>
          inward ? subjects.has(destination) && all.has(source) : subjects.has(source);
        const before = verdictTable(objects);
        const after = verdictTable(and(objects, deny));
        assert.deepEqual(part(after, hit), {});
        const others = (source: string, destination: string): boolean => !hit(source, destination);
        assert.deepEqual(part(after, others), part(before, others));
        closed += Object.keys(part(before, hit)).length;
      }),
      { numRuns: 200 },
    );
    assert.ok(closed > 200, `only ${closed} pairs were closed`);
  });

  it('17: a Pass of all behind the others is as good as absent, and before them it makes them absent', () => {
    let mattered = 0;
    fc.assert(
      fc.property(clusterArbitrary, fc.constantFrom('Admin' as const, 'Baseline' as const), ({ objects }, tier) => {
        const pass = { subject: everyone, ...whole('Pass') };
        const before = text(objects);
        assert.deepEqual(text(and(objects, last(pass, tier))), before);
        const skipped = text(without(objects, (one) => isAdmin(one) === (tier === 'Admin')));
        assert.deepEqual(text(and(objects, first(pass, tier))), skipped);
        if (JSON.stringify(skipped) !== JSON.stringify(before)) mattered += 1;
      }),
      { numRuns: 300 },
    );
    assert.ok(mattered > 3, `only ${mattered} tiers had any effect`);
  });

  it('17: Baseline is invisible where NetworkPolicies isolate', () => {
    let mattered = 0;
    fc.assert(
      fc.property(clusterArbitrary, ({ objects }) => {
        const isolate = ['x', 'y'].map((namespace) => ({
          namespace,
          name: 'isolate',
          spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
        }));
        const isolated = withPolicies(objects, [...policiesOf(objects), ...isolate]);
        const bare = (one: ClusterObjects): ClusterObjects => without(one, (given) => !isAdmin(given));
        assert.deepEqual(text(isolated), text(bare(isolated)));
        if (JSON.stringify(text(objects)) !== JSON.stringify(text(bare(objects)))) mattered += 1;
      }),
      { numRuns: 300 },
    );
    assert.ok(mattered > 0, `only ${mattered} Baseline tiers had any effect`);
  });
});

/** Asserts that a rewriting of the tiers keeps the matrix, and that it rewrites something often enough. */
function holds(rewrite: (objects: ClusterObjects, random: () => number) => ClusterObjects, numRuns = 150): void {
  let rewritten = 0;
  fc.assert(
    fc.property(clusterArbitrary, fc.infiniteStream(fc.nat()), ({ objects }, numbers) => {
      const other = rewrite(objects, () => numbers.next().value);
      if (JSON.stringify(other) !== JSON.stringify(objects)) rewritten += 1;
      assert.deepEqual(text(other), text(objects));
    }),
    { numRuns },
  );
  assert.ok(rewritten > numRuns / 8, `only ${rewritten} of ${numRuns} clusters were written in another way`);
}

/** The list turned, with one item twice: nothing that is tried all has an order. */
const turned = <Item>(items: readonly Item[], random: () => number): readonly Item[] => {
  const at = random() % Math.max(items.length, 1);
  const list = [...items.slice(at), ...items.slice(0, at)];
  return [...list, ...list.slice(0, 1)];
};

const turnedRule = (rule: TieredRuleBody, random: () => number): TieredRuleBody => ({
  ...rule,
  ...(rule.from === undefined ? {} : { from: turned(rule.from, random) }),
  ...(rule.to === undefined ? {} : { to: turned(rule.to, random) }),
  ...(rule.ports === undefined ? {} : { ports: turned(rule.ports, random) }),
  ...(rule.protocols === undefined ? {} : { protocols: turned(rule.protocols, random) }),
});

/** The network as two of half its size. */
const halves = (cidr: string): readonly string[] => {
  const { family, first: start, length } = parsePrefix(cidr);
  const bits = family === 4 ? 32 : 128;
  if (length === bits) return [cidr];
  const size = 1n << BigInt(bits - length - 1);
  return [start, start + size].map((value) => formatPrefix({ family, first: value, length: length + 1 }));
};

describe('policies of the tiers that are written in another way mean the same', () => {
  it('1: order of policies, peers, ports and expressions; repetition of these and of rules', () => {
    holds((objects, random) => {
      const copied = tieredOf(objects).map((one) => ({
        ...one,
        spec: rewriteTieredSelectors(
          rewriteTieredRules(one.spec, (rule) => [turnedRule(rule, random), rule]),
          ({ matchExpressions, ...rest }) => ({
            ...rest,
            ...(matchExpressions === undefined ? {} : { matchExpressions: turned(matchExpressions, random) }),
          }),
        ),
      }));
      const repeated = copied.map((one) => ({ ...one, name: `${one.name}-again` }));
      return withTiered(objects, turned([...copied, ...repeated], random).slice(0, -1));
    });
  });

  it('2: one policy with some rules, or a policy for each of them in the same order', () => {
    holds((objects) =>
      withTiered(
        objects,
        tieredOf(objects).flatMap((one) => {
          const { ingress = [], egress = [], ...rest } = one.spec;
          const parts = [
            ...ingress.map((rule) => ({ ingress: [rule] })),
            ...egress.map((rule) => ({ egress: [rule] })),
          ];
          return parts.map((rules, index) => ({ ...one, name: `${one.name}-${index}`, spec: { ...rest, ...rules } }));
        }),
      ),
    );
  });

  it('6: a network, or its two halves', () => {
    holds(
      (objects) =>
        rewriteTiered(objects, (spec) =>
          rewriteTieredPeers(spec, ({ networks, ...rest }) => [
            { ...rest, ...(networks === undefined ? {} : { networks: networks.flatMap(halves) }) },
          ]),
        ),
      200,
    );
  });

  it('12: matchLabels, or In with one value; a selector of both kinds of peers as pods of namespaces', () => {
    holds((objects) =>
      rewriteTiered(objects, (spec) =>
        rewriteTieredSelectors(spec, ({ matchLabels = {}, matchExpressions = [] }) => ({
          matchExpressions: [
            ...Object.entries(matchLabels).map(([key, value]) => ({ key, operator: 'In' as const, values: [value] })),
            ...matchExpressions,
          ],
        })),
      ),
    );
    const asPods = ({ namespaces, ...rest }: TieredPeerBody): TieredPeerBody =>
      namespaces === undefined ? rest : { ...rest, pods: { namespaceSelector: namespaces, podSelector: {} } };
    holds((objects) =>
      rewriteTiered(objects, (spec) => ({
        ...rewriteTieredPeers(spec, (peer) => [asPods(peer)]),
        subject: asPods(spec.subject),
      })),
    );
  });

  it('15: a range of ports, or two that meet', () => {
    const cut = (port: object): readonly object[] => {
      const { portRange } = port as { readonly portRange?: { readonly start: number; readonly end: number } };
      if (portRange !== undefined) {
        const middle = (portRange.start + portRange.end) >> 1;
        return [{ portRange: { ...portRange, end: middle } }, { portRange: { ...portRange, start: middle + 1 } }];
      }
      return Object.entries(port).flatMap(([protocol, given]: [string, { destinationPort?: { range?: Range } }]) => {
        const range = given.destinationPort?.range;
        if (range === undefined) return [port];
        const middle = (range.start + range.end) >> 1;
        const parts = [
          { ...range, end: middle },
          { ...range, start: middle + 1 },
        ];
        return parts.map((one) => ({ [protocol]: { destinationPort: { range: one } } }));
      });
    };
    holds(
      (objects) =>
        rewriteTiered(objects, (spec) =>
          rewriteTieredRules(spec, (rule) => [
            {
              ...rule,
              ...(rule.ports === undefined ? {} : { ports: rule.ports.flatMap(cut) }),
              ...(rule.protocols === undefined ? {} : { protocols: rule.protocols.flatMap(cut) }),
            },
          ]),
        ),
      300,
    );
  });
});

interface Range {
  readonly start: number;
  readonly end: number;
}

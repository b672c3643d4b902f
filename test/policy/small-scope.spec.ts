import assert from 'node:assert/strict';
import { type KubernetesObject, snapshotOf } from '#model/kubernetes';
import { allowsConn, type ConnSet, NOTHING } from '#model/net';
import { EMPTY_ALLOCATION, everyPermit } from '#model/policy';
import { compile, type Endpoint, type NetworkPolicyObject, specificationAllows } from '#policy';
import { WIDE_POOL } from '#support/verdict-table';

// Every policy of a small grammar on every labelling of a small cluster (policy.md §4.5, small scope): two namespaces of
// two pods. The policy lies in namespace x. Folded by symmetry: the two pods of a namespace can be exchanged, so of their
// labels only the number matters; and rules of one direction do not touch the other, so that both directions are combined
// only where policyTypes decides between them: 17,424 states. `npm run small-scope` does not fold: every rule of one
// direction with every rule of the other, on all 16 labellings of the pods: 332,928 states in some minutes.

const A = { matchLabels: { app: 'a' } };
const PEERS: readonly (readonly object[] | undefined)[] = [
  undefined,
  [],
  ...[
    { podSelector: {} },
    { podSelector: A },
    { namespaceSelector: {} },
    { namespaceSelector: A },
    { namespaceSelector: A, podSelector: A },
    { namespaceSelector: {}, podSelector: A },
    { ipBlock: { cidr: '10.0.0.0/30' } },
    { ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.0.2/32'] } },
  ].map((peer) => [peer]),
];
const PORTS: readonly (readonly object[] | undefined)[] = [
  undefined,
  [],
  [{ port: 80 }],
  [{ protocol: 'TCP' }],
  [{ port: 80, endPort: 81 }],
  [{ port: 'web' }],
];

/** Rules of one direction: none at all, an empty list, or one rule. */
const rulesOf = (side: 'from' | 'to'): readonly (readonly object[] | undefined)[] => [
  undefined,
  [],
  ...PEERS.flatMap((peers) =>
    PORTS.map((ports) => [
      { ...(peers === undefined ? {} : { [side]: peers }), ...(ports === undefined ? {} : { ports }) },
    ]),
  ),
];

function policies(): readonly object[] {
  const specs: object[] = [];
  const add = (policyTypes: readonly string[] | undefined, ingress: unknown, egress: unknown): void => {
    for (const podSelector of [{}, A]) {
      specs.push({
        podSelector,
        ...(policyTypes === undefined ? {} : { policyTypes }),
        ...(ingress === undefined ? {} : { ingress }),
        ...(egress === undefined ? {} : { egress }),
      });
    }
  };
  const egressFew = [undefined, [], [{}]];
  for (const types of [undefined, ['Ingress'], ['Egress'], ['Ingress', 'Egress']]) {
    for (const ingress of rulesOf('from')) for (const egress of egressFew) add(types, ingress, egress);
    for (const egress of rulesOf('to').slice(3)) for (const ingress of egressFew) add(types, ingress, egress);
  }
  return specs;
}

/** Labels of the pods x/0, x/1, y/0, y/1 and of the namespaces x, y: whether each is `app: a`. */
const LABELLINGS = [false, true].flatMap((namespaceY) =>
  [
    [false, false],
    [false, true],
    [true, true],
  ].flatMap((x) => [[false, true]].map((y) => ({ pods: [...x, ...y], namespaceY }))),
);

const labels = (has: boolean | undefined): Readonly<Record<string, string>> => (has === true ? { app: 'a' } : {});
/** One name stands for other numbers in the two namespaces. */
const portsOf = (index: number): NonNullable<Endpoint['ports']> => [
  { name: 'web', containerPort: index < 2 ? 80 : 8080, protocol: 'TCP' },
];
const FLOWS = [
  ['TCP', 79],
  ['TCP', 80],
  ['TCP', 81],
  ['TCP', 82],
  ['TCP', 8080],
  ['TCP', 65_535],
  ['UDP', 80],
] as const;

type Labelling = (typeof LABELLINGS)[number];

const endpointsOf = ({ pods }: Labelling): readonly (Endpoint & { readonly key: string; readonly ip: string })[] =>
  pods.map((has, index) => {
    const namespace = index < 2 ? 'x' : 'y';
    const identity = { key: `${namespace}/pod-${index}`, ip: `10.0.0.${index + 1}` };
    return { ...identity, namespace, labels: labels(has), ports: portsOf(index) };
  });

function objectsOf(labelling: Labelling, policy: KubernetesObject) {
  const namespace = (name: string, has: boolean): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: labels(has) },
  });
  const pods = endpointsOf(labelling).map(({ key, ip, labels: own, ports }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: key.slice(0, 1), name: key.slice(2), labels: own ?? {} },
    spec: { containers: [{ name: 'c', ports }] },
    status: { phase: 'Running', podIPs: [{ ip }] },
  }));
  return {
    namespaces: [namespace('x', true), namespace('y', labelling.namespaceY)],
    nodes: [],
    pods,
    policies: [policy],
  };
}

/** Compares one state; gives the number of verdicts. */
function checkState(labelling: Labelling, spec: object): number {
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace: 'x', name: 'p' },
    spec,
  };
  const compiled = compile(snapshotOf(objectsOf(labelling, policy), 1), EMPTY_ALLOCATION, WIDE_POOL);
  const permits = new Map<string, ConnSet>();
  for (const { source, destination, family, connections } of everyPermit(compiled)) {
    if (family !== 'ipv6') permits.set(`${source} ${destination}`, connections);
  }
  const state = {
    namespaceLabels: { x: labels(true), y: labels(labelling.namespaceY) },
    policies: [policy as unknown as NetworkPolicyObject],
  };
  const endpoints = endpointsOf(labelling);
  let verdicts = 0;
  for (const source of endpoints) {
    for (const destination of endpoints) {
      if (source === destination) continue;
      const pair = `${compiled.membership.get(source.key)} ${compiled.membership.get(destination.key)}`;
      for (const [protocol, port] of FLOWS) {
        const flow = { source, sourceIp: source.ip, destination, destinationIp: destination.ip, protocol, port };
        const got = allowsConn(permits.get(pair) ?? NOTHING, protocol === 'TCP' ? 'tcp' : 'udp', port);
        verdicts += 1;
        if (got !== specificationAllows(state, flow)) {
          const text = `${source.key} > ${destination.key} ${protocol}/${port}`;
          assert.fail(`${text}: compiled ${got}; ${JSON.stringify({ labelling, spec })}`);
        }
      }
    }
  }
  return verdicts;
}

describe('policy compiler, exhaustively in a small scope', () => {
  it('gives the specification’s verdict in every state', function () {
    this.timeout(180_000);
    let states = 0;
    let verdicts = 0;
    for (const spec of policies()) {
      for (const labelling of LABELLINGS) {
        verdicts += checkState(labelling, spec);
        states += 1;
      }
    }
    assert.equal(states, STATES);
    assert.equal(verdicts, STATES * 12 * FLOWS.length);
  });
});

/** Rules of one direction in the whole product: none, an empty list, one for everyone, and each peer with all ports. */
const wholeRules = (side: 'from' | 'to'): readonly (readonly object[] | undefined)[] => [
  undefined,
  [],
  [{}],
  ...PEERS.filter((peers) => (peers ?? []).length > 0).flatMap((peers) =>
    PORTS.map((ports) => [{ [side]: peers, ...(ports === undefined ? {} : { ports }) }]),
  ),
];

function* wholeProduct(): Generator<object> {
  for (const podSelector of [{}, A]) {
    for (const policyTypes of [undefined, ['Ingress'], ['Egress'], ['Ingress', 'Egress']]) {
      for (const ingress of wholeRules('from')) {
        for (const egress of wholeRules('to')) {
          yield {
            podSelector,
            ...(policyTypes === undefined ? {} : { policyTypes }),
            ...(ingress === undefined ? {} : { ingress }),
            ...(egress === undefined ? {} : { egress }),
          };
        }
      }
    }
  }
}

const BITS = [1, 2, 4, 8];

if (process.env['ACIGW_SMALL_SCOPE'] === 'whole') {
  describe('policy compiler, exhaustively in a small scope, nothing folded', () => {
    it('gives the specification’s verdict in every state', function () {
      this.timeout(3_600_000);
      let states = 0;
      for (const spec of wholeProduct()) {
        for (let number = 0; number < 16; number += 1) {
          checkState({ pods: BITS.map((bit) => (number & bit) !== 0), namespaceY: false }, spec);
          states += 1;
        }
      }
      console.log(`      ${states} states`);
      assert.equal(states, 2 * 4 * 51 ** 2 * 16);
    });
  });
}

/** Two subjects, four policyTypes, all rules of one direction with three of the other, six labellings. */
const STATES = 2 * 4 * (62 * 3 + 59 * 3) * LABELLINGS.length;

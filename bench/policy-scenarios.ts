import { type KubernetesObject, type PolicyInputs } from '#model/kubernetes';

/** One cluster to compile, by the name that policy.md §3.13 gives it. */
export interface Scenario {
  readonly name: string;
  readonly objects: PolicyInputs & {
    readonly pods: readonly KubernetesObject[];
    readonly policies: readonly KubernetesObject[];
  };
}

interface Shape {
  readonly namespaces: number;
  readonly deployments: number;
  readonly replicas: number;
  /** Namespaces that have policies at all, as a share of all. */
  readonly policed: number;
  readonly policies: (namespace: string, deployments: number, random: () => number) => readonly KubernetesObject[];
}

/**
 * The scenarios of policy.md §3.13. Random call graphs come from a fixed seed: every run has the same. The table does not say
 * which graph it was counted for; this seed's has no more calls than its numbers of rules tell.
 */
export const SCENARIOS: Readonly<Record<string, Shape>> = {
  S1a: { namespaces: 100, deployments: 10, replicas: 3, policed: 1, policies: bothDirections },
  S1b: { namespaces: 100, deployments: 10, replicas: 3, policed: 1, policies: ingressOnly },
  S2: { namespaces: 1000, deployments: 10, replicas: 1, policed: 1, policies: denyAndOne },
  S2b: { namespaces: 1000, deployments: 10, replicas: 1, policed: 0.298, policies: denyAndOne },
  S3: { namespaces: 1000, deployments: 10, replicas: 1, policed: 1, policies: bothDirections },
};

/** Builds a scenario; `scale` multiplies the number of namespaces. */
export function scenario(name: string, scale = 1): Scenario {
  const shape = SCENARIOS[name];
  if (shape === undefined) throw new Error(`no scenario ${name}: ${Object.keys(SCENARIOS).join(', ')}`);
  const random = mulberry32(8062);
  const names = Array.from({ length: Math.round(shape.namespaces * scale) }, (_, index) => `ns-${index}`);
  const policed = names.slice(0, Math.round(names.length * shape.policed));
  let address = 0;
  const nextAddress = (): string => {
    address += 1;
    return `10.${(address >> 16) & 255}.${(address >> 8) & 255}.${address & 255}`;
  };
  const pods = names.flatMap((namespace) =>
    Array.from({ length: shape.deployments * shape.replicas }, (_, index) =>
      pod(namespace, `app-${Math.floor(index / shape.replicas)}`, index, nextAddress()),
    ),
  );
  const dns = Array.from({ length: 8 }, (_, index) => pod('kube-system', 'kube-dns', index, nextAddress()));
  const monitoring = pod('monitoring', 'prometheus', 0, nextAddress());
  return {
    name,
    objects: {
      namespaces: [...names, 'kube-system', 'monitoring'].map((own) => namespaceObject(own)),
      nodes: [],
      pods: [...pods, ...dns, monitoring],
      policies: policed.flatMap((namespace) => shape.policies(namespace, shape.deployments, random)),
    },
  };
}

/**
 * Default deny both ways, DNS for all, and ingress and egress of each service, whose figures the monitoring reads: 12
 * policies for 10 deployments.
 */
function bothDirections(namespace: string, deployments: number, random: () => number): readonly KubernetesObject[] {
  const calls = callGraph(deployments, random);
  const port = portOf(namespace);
  const services = calls.map((callees, caller) =>
    policy(namespace, `app-${caller}`, {
      podSelector: labels(`app-${caller}`),
      policyTypes: ['Ingress', 'Egress'],
      ingress: ingressOf(calls, caller, port),
      egress: [...callees].map((callee) => ({
        to: [{ podSelector: labels(`app-${callee}`) }],
        ports: [port],
      })),
    }),
  );
  return [denyAll(namespace, ['Ingress', 'Egress']), dnsEgress(namespace), ...services];
}

/** Default deny and each service's ingress: 11 policies for 10 deployments. */
function ingressOnly(namespace: string, deployments: number, random: () => number): readonly KubernetesObject[] {
  const calls = callGraph(deployments, random);
  const port = portOf(namespace);
  const services = calls.map((_, callee) =>
    policy(namespace, `app-${callee}`, {
      podSelector: labels(`app-${callee}`),
      policyTypes: ['Ingress'],
      ingress: ingressOf(calls, callee, port),
    }),
  );
  return [denyAll(namespace, ['Ingress']), ...services];
}

/** Two policies a namespace: default deny of ingress, and one service that the namespace and the outside may use. */
function denyAndOne(namespace: string): readonly KubernetesObject[] {
  return [
    denyAll(namespace, ['Ingress']),
    policy(namespace, 'front', {
      podSelector: labels('app-0'),
      policyTypes: ['Ingress'],
      ingress: [
        { from: [{ podSelector: {} }], ports: [{ protocol: 'TCP', port: 8080 }] },
        { from: [{ ipBlock: { cidr: '192.0.2.0/24' } }], ports: [{ protocol: 'TCP', port: 8443 }] },
      ],
    }),
  ];
}

/** Ingress from the callers to the service's port, and from the monitoring to its figures. */
function ingressOf(calls: readonly ReadonlySet<number>[], callee: number, port: object): readonly object[] {
  const callers = calls.flatMap((callees, caller) => (callees.has(callee) ? [caller] : []));
  const figures = { from: [podsOf('monitoring', 'prometheus')], ports: [{ protocol: 'TCP', port: 9100 }] };
  if (callers.length === 0) return [figures];
  return [{ from: callers.map((caller) => ({ podSelector: labels(`app-${caller}`) })), ports: [port] }, figures];
}

/** Pods of an app in a namespace, as a peer. */
const podsOf = (namespace: string, app: string): object => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
  podSelector: labels(app),
});

/** Who calls whom: two draws each among the others, which may be the same one. */
const callGraph = (deployments: number, random: () => number): readonly ReadonlySet<number>[] =>
  Array.from({ length: deployments }, (_, caller) => {
    const other = (): number => (caller + 1 + Math.floor(random() * (deployments - 1))) % deployments;
    return new Set([other(), other()]);
  });

/** The port of a namespace's services, one of ten. */
const portOf = (namespace: string): object => ({
  protocol: 'TCP',
  port: 8000 + (Number(namespace.slice('ns-'.length)) % 10),
});

const labels = (app: string): object => ({ matchLabels: { app } });

const denyAll = (namespace: string, policyTypes: readonly string[]): KubernetesObject =>
  policy(namespace, 'default-deny', { podSelector: {}, policyTypes });

const dnsEgress = (namespace: string): KubernetesObject =>
  policy(namespace, 'dns', {
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [
      {
        to: [podsOf('kube-system', 'kube-dns')],
        ports: [
          { protocol: 'UDP', port: 53 },
          { protocol: 'TCP', port: 53 },
        ],
      },
    ],
  });

const policy = (namespace: string, name: string, spec: object): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { namespace, name },
  spec,
});

const namespaceObject = (name: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
});

const pod = (namespace: string, app: string, index: number, ip: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    namespace,
    name: `${app}-${index}`,
    labels: { app, 'pod-template-hash': `${app}hash` },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: app, uid: app, controller: true }],
  },
  spec: { nodeName: `node-${index % 40}`, containers: [{ name: 'c', ports: [{ containerPort: 8080 }] }] },
  status: { phase: 'Running', podIPs: [{ ip }] },
});

/** Small seeded generator (mulberry32): the same numbers on every machine. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

// The plain reading of NetworkPolicy (policy.md §1.8), one decision at a time: the oracle that the compiler and both of
// its back ends are checked against. It shares no code with the compiler and works on the API objects as they are.

/** A pod or an outside address, as the oracle sees it. An outside address has no `namespace`. */
export interface Endpoint {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly hostNetwork?: boolean;
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[];
}

interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>> | null;
  readonly matchExpressions?:
    | readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[]
    | null;
}

interface Peer {
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
  readonly podSelector?: LabelSelector | null;
  readonly namespaceSelector?: LabelSelector | null;
}

interface Rule {
  readonly from?: readonly Peer[] | null;
  readonly to?: readonly Peer[] | null;
  readonly ports?:
    | readonly { readonly protocol?: string; readonly port?: number | string; readonly endPort?: number }[]
    | null;
}

/** A NetworkPolicy of networking.k8s.io/v1. */
export interface NetworkPolicyObject {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: {
    readonly podSelector?: LabelSelector | null;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly Rule[] | null;
    readonly egress?: readonly Rule[] | null;
  };
}

/** The cluster as the oracle needs it. */
export interface SpecificationState {
  readonly namespaceLabels: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly policies: readonly NetworkPolicyObject[];
}

/** One question: may `source` at `sourceIp` open protocol/port toward `destination` at `destinationIp`? */
export interface FlowQuestion {
  readonly source: Endpoint;
  readonly sourceIp: string;
  readonly destination: Endpoint;
  readonly destinationIp: string;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly port: number;
}

/** The verdict of the specification (policy.md N12). A pod always reaches itself (N23). */
export function specificationAllows(state: SpecificationState, flow: FlowQuestion): boolean {
  if (flow.source === flow.destination) return true;
  return sideAllows(state, flow, 'Egress') && sideAllows(state, flow, 'Ingress');
}

function sideAllows(state: SpecificationState, flow: FlowQuestion, direction: 'Ingress' | 'Egress'): boolean {
  const subject = direction === 'Egress' ? flow.source : flow.destination;
  if (subject.namespace === undefined || subject.hostNetwork === true) return true;
  const applying = state.policies.filter(
    (policy) =>
      (policy.metadata.namespace ?? 'default') === subject.namespace &&
      directions(policy).includes(direction) &&
      selects(policy.spec.podSelector, subject.labels ?? {}),
  );
  return applying.length === 0 || applying.some((policy) => policyAllows(state, flow, policy, direction));
}

function policyAllows(
  state: SpecificationState,
  flow: FlowQuestion,
  policy: NetworkPolicyObject,
  direction: 'Ingress' | 'Egress',
): boolean {
  const egress = direction === 'Egress';
  const other = egress
    ? { endpoint: flow.destination, ip: flow.destinationIp }
    : { endpoint: flow.source, ip: flow.sourceIp };
  const namespace = policy.metadata.namespace ?? 'default';
  return ((egress ? policy.spec.egress : policy.spec.ingress) ?? []).some((rule) => {
    const peers = (egress ? rule.to : rule.from) ?? [];
    const peerMatches = peers.length === 0 || peers.some((peer) => isPeer(state, namespace, peer, other));
    return peerMatches && portMatches(rule, flow);
  });
}

function directions({ spec }: NetworkPolicyObject): readonly string[] {
  if (spec.policyTypes !== undefined && spec.policyTypes.length > 0) return spec.policyTypes;
  return (spec.egress?.length ?? 0) > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

/** Whether the selector matches the labels (policy.md N6, N7); none selects everything. */
export function selects(selector: LabelSelector | null | undefined, labels: Readonly<Record<string, string>>): boolean {
  const exact = Object.entries(selector?.matchLabels ?? {});
  if (exact.some(([key, value]) => !(key in labels) || labels[key] !== value)) return false;
  return (selector?.matchExpressions ?? []).every(({ key, operator, values }) => {
    const present = key in labels;
    const listed = present && (values ?? []).includes(labels[key] ?? '');
    if (operator === 'In') return listed;
    if (operator === 'NotIn') return !listed;
    return operator === 'Exists' ? present : !present;
  });
}

function isPeer(
  state: SpecificationState,
  policyNamespace: string,
  peer: Peer,
  { endpoint, ip }: { readonly endpoint: Endpoint; readonly ip: string },
): boolean {
  if (peer.ipBlock !== undefined) {
    return inCidr(ip, peer.ipBlock.cidr) && !(peer.ipBlock.except ?? []).some((except) => inCidr(ip, except));
  }
  if (endpoint.namespace === undefined || endpoint.hostNetwork === true) return false;
  const namespaceMatches =
    peer.namespaceSelector === undefined || peer.namespaceSelector === null
      ? endpoint.namespace === policyNamespace
      : selects(peer.namespaceSelector, {
          'kubernetes.io/metadata.name': endpoint.namespace,
          ...state.namespaceLabels[endpoint.namespace],
        });
  return namespaceMatches && selects(peer.podSelector, endpoint.labels ?? {});
}

function portMatches(rule: Rule, { protocol, port, destination }: FlowQuestion): boolean {
  const items = rule.ports ?? [];
  if (items.length === 0) return true;
  return items.some((item) => {
    if ((item.protocol ?? 'TCP') !== protocol) return false;
    if (item.port === undefined) return true;
    if (typeof item.port === 'number') return item.port <= port && port <= (item.endPort ?? item.port);
    return (destination.ports ?? []).some(
      (own) => own.name === item.port && (own.protocol ?? 'TCP') === protocol && own.containerPort === port,
    );
  });
}

/** Whether the address lies in the CIDR, host bits of the CIDR ignored; bit by bit, on purpose unlike the compiler. */
export function inCidr(ip: string, cidr: string): boolean {
  const [network = '', length = ''] = cidr.split('/');
  if (ip.includes(':') !== network.includes(':')) return false;
  return bits(ip).slice(0, Number(length)) === bits(network).slice(0, Number(length));
}

function bits(address: string): string {
  if (!address.includes(':')) {
    return address
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('');
  }
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].map((part) => Number.parseInt(part, 16).toString(2).padStart(16, '0')).join('');
}

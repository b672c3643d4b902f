import {
  type ClusterSnapshot,
  matchesSelector,
  type NamespaceView,
  type PodView,
  type PolicyView,
  type PortView,
  viewKey,
} from '#model/kubernetes';
import type { IpFamily } from '#model/net';
import { blockHolds, type PeerAtoms, type SelectorAtom, selectsPod } from './peer-atoms.js';

/** Everything that a policy can see of a pod: pods with equal signatures are treated alike (policy.md §3.2, P1). */
export interface Signature {
  /** Policies that select the pod, as indices into the list of policies. */
  readonly subjects: readonly number[];
  readonly selectorAtoms: ReadonlySet<number>;
  /** Block atoms that hold the pod's address of the family. */
  readonly blockAtoms: Readonly<Record<IpFamily, ReadonlySet<number>>>;
  readonly families: readonly IpFamily[];
  /** Numbers of every port name that some policy mentions, keyed `protocol name`. */
  readonly namedPorts: ReadonlyMap<string, readonly number[]>;
  /** Text that is equal for equal signatures. */
  readonly key: string;
}

/** Key of a named port: names are unique per protocol only (policy.md N19). */
export const namedPortKey = (port: { readonly protocol: string; readonly name: string }): string =>
  `${port.protocol} ${port.name}`;

/** Computes signatures against one set of policies; pods of one namespace with equal labels share the selector work. */
export class SignatureReader {
  readonly #atoms: PeerAtoms;
  readonly #policies: readonly PolicyView[];
  readonly #snapshot: ClusterSnapshot;
  readonly #portNames: ReadonlySet<string>;
  readonly #matches = new Map<string, { subjects: readonly number[]; selectorAtoms: ReadonlySet<number> }>();
  readonly #byNamespace = new Map<string, { policies: readonly number[]; atoms: readonly SelectorAtom[] }>();

  constructor(snapshot: ClusterSnapshot, policies: readonly PolicyView[], atoms: PeerAtoms) {
    this.#snapshot = snapshot;
    this.#policies = policies;
    this.#atoms = atoms;
    this.#portNames = new Set(policies.flatMap((policy) => [...namedPortsOf(policy)].map(namedPortKey)));
  }

  /** The signature of a pod. */
  of(pod: PodView): Signature {
    const { subjects, selectorAtoms } = this.#matchesOf(pod);
    const families = ([4, 6] as const).filter((family) => pod.addresses.some((address) => address.family === family));
    const blockAtoms = { 4: this.#blocksOf(pod, 4), 6: this.#blocksOf(pod, 6) };
    const namedPorts = this.#namedPortsOf(pod);
    const key = JSON.stringify([
      families,
      subjects,
      [...selectorAtoms],
      [...blockAtoms[4]],
      [...blockAtoms[6]],
      [...namedPorts],
    ]);
    return { subjects, selectorAtoms, blockAtoms, families, namedPorts, key };
  }

  /** Whether some peer selector names the pod by its labels, and not just every pod of its namespace. */
  isNamedByPeers(pod: PodView): boolean {
    const plain = this.#matchesOf({ ...pod, labels: {} }).selectorAtoms;
    const own = this.#matchesOf(pod).selectorAtoms;
    return own.size !== plain.size || [...own].some((atom) => !plain.has(atom));
  }

  #matchesOf(pod: PodView): { subjects: readonly number[]; selectorAtoms: ReadonlySet<number> } {
    const key = JSON.stringify([pod.namespace, Object.entries(pod.labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
    const known = this.#matches.get(key);
    if (known !== undefined) return known;
    const { policies, atoms } = this.#candidates(pod.namespace);
    const namespace = this.#namespace(pod.namespace);
    const found = {
      subjects: policies.filter((index) => {
        const policy = this.#policies[index];
        return policy !== undefined && matchesSelector(policy.subjects, pod.labels);
      }),
      selectorAtoms: new Set(atoms.filter((atom) => selectsPod(atom, pod, namespace)).map((atom) => atom.id)),
    };
    this.#matches.set(key, found);
    return found;
  }

  /** Policies of the namespace, and the atoms that can match one of its pods at all. */
  #candidates(name: string): { policies: readonly number[]; atoms: readonly SelectorAtom[] } {
    const known = this.#byNamespace.get(name);
    if (known !== undefined) return known;
    const namespace = this.#namespace(name);
    const candidates = {
      policies: this.#policies.flatMap((policy, index) => (policy.namespace === name ? [index] : [])),
      atoms: this.#atoms.selectors.filter(({ peer, namespace: own }) =>
        peer.namespaces === 'own' ? own === name : matchesSelector(peer.namespaces, namespace.labels),
      ),
    };
    this.#byNamespace.set(name, candidates);
    return candidates;
  }

  #namespace(name: string): NamespaceView {
    return this.#snapshot.namespaces.get(name) ?? { name, labels: { 'kubernetes.io/metadata.name': name } };
  }

  #blocksOf(pod: PodView, family: IpFamily): ReadonlySet<number> {
    const addresses = pod.addresses.filter((address) => address.family === family);
    const holding = this.#atoms.blocks.filter((block) => addresses.some((address) => blockHolds(block, address)));
    return new Set(holding.map((block) => block.id));
  }

  #namedPortsOf(pod: PodView): ReadonlyMap<string, readonly number[]> {
    const ports = new Map<string, Set<number>>();
    for (const port of pod.namedPorts) {
      const key = namedPortKey(port);
      if (!this.#portNames.has(key)) continue;
      ports.set(key, (ports.get(key) ?? new Set()).add(port.port));
    }
    const sorted = [...ports].sort(([a], [b]) => (a < b ? -1 : 1));
    return new Map(sorted.map(([key, numbers]) => [key, [...numbers].sort((a, b) => a - b)]));
  }
}

/** Whether policy applies to the pod: it has its own address and is not finished (policy.md N1, N2). */
export const isPolicyEndpoint = (pod: PodView): boolean =>
  !pod.hostNetwork && !pod.completed && pod.addresses.length > 0;

/** `Kind/namespace/name` of a policy, for findings and reasons. */
export const policyName = (policy: PolicyView): string => `NetworkPolicy/${viewKey(policy)}`;

function* namedPortsOf(policy: PolicyView): Generator<Extract<PortView, { kind: 'named' }>> {
  for (const rule of [...(policy.ingress ?? []), ...(policy.egress ?? [])]) {
    if (rule.ports === 'any') continue;
    for (const port of rule.ports) if (port.kind === 'named') yield port;
  }
}

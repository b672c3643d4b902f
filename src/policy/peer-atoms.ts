import {
  matchesSelector,
  type NamespaceView,
  type PeerView,
  type PodView,
  type PolicyView,
  selectorKey,
} from '#model/kubernetes';
import { containsAddress, formatPrefix, type IpAddress, type Prefix } from '#model/net';

/** A selector peer as one interned thing: `own` is resolved to the policy's namespace. */
export interface SelectorAtom {
  readonly id: number;
  /** Text that names the peer, whatever else there is: hashes that outlive a process are made of it. */
  readonly key: string;
  /** Namespace of the policy when the peer has no namespaceSelector. */
  readonly namespace: string | undefined;
  readonly peer: Extract<PeerView, { kind: 'pods' }>;
}

/** An ipBlock as one interned thing. */
export interface BlockAtom {
  readonly id: number;
  readonly key: string;
  readonly cidr: Prefix;
  readonly except: readonly Prefix[];
}

/** Every distinct peer that some rule names; equal peers share an atom (policy.md §3.2). */
export interface PeerAtoms {
  readonly selectors: readonly SelectorAtom[];
  readonly blocks: readonly BlockAtom[];
  /** The atom of a peer of a policy in the namespace. */
  idOf(namespace: string, peer: PeerView): number;
}

/** Interns the peers of all rules. Ids are unique over selectors and blocks together. */
export function peerAtoms(policies: Iterable<PolicyView>): PeerAtoms {
  const selectors = new Map<string, SelectorAtom>();
  const blocks = new Map<string, BlockAtom>();
  const nextId = (): number => selectors.size + blocks.size;
  for (const policy of policies) {
    for (const peer of peersOf(policy)) {
      const key = peerKey(policy.namespace, peer);
      if (peer.kind === 'block') {
        if (!blocks.has(key)) blocks.set(key, { id: nextId(), key, cidr: peer.cidr, except: peer.except });
      } else if (!selectors.has(key)) {
        const namespace = peer.namespaces === 'own' ? policy.namespace : undefined;
        selectors.set(key, { id: nextId(), key, namespace, peer });
      }
    }
  }
  return {
    selectors: [...selectors.values()],
    blocks: [...blocks.values()],
    idOf: (namespace, peer) => {
      const key = peerKey(namespace, peer);
      return (selectors.get(key) ?? blocks.get(key))?.id ?? -1;
    },
  };
}

/** Whether the pod is one of the atom's peers. hostNetwork pods never are; they are not asked (policy.md N3). */
export function selectsPod(atom: SelectorAtom, pod: PodView, namespace: NamespaceView): boolean {
  const { namespaces, pods } = atom.peer;
  const inNamespace =
    namespaces === 'own' ? atom.namespace === pod.namespace : matchesSelector(namespaces, namespace.labels);
  return inNamespace && matchesSelector(pods, pod.labels);
}

/** Whether the block holds the address: inside the CIDR and in none of its exceptions (policy.md N15). */
export const blockHolds = (block: BlockAtom, address: IpAddress): boolean =>
  containsAddress(block.cidr, address) && !block.except.some((prefix) => containsAddress(prefix, address));

function* peersOf(policy: PolicyView): Generator<PeerView> {
  for (const rule of [...(policy.ingress ?? []), ...(policy.egress ?? [])]) {
    if (rule.peers !== 'any') yield* rule.peers;
  }
}

function peerKey(namespace: string, peer: PeerView): string {
  if (peer.kind === 'block') {
    return `block ${formatPrefix(peer.cidr)} ${peer.except.map(formatPrefix).sort().join(' ')}`;
  }
  if (peer.namespaces === 'own') return `own ${namespace} ${selectorKey(peer.pods)}`;
  return `any ${selectorKey(peer.namespaces)} ${selectorKey(peer.pods)}`;
}

import type { PolicyView } from '#model/kubernetes';
import { type ClusterSnapshot, type PodView, selectorKey, viewKey } from '#model/kubernetes';
import { aciName, contentHash } from '#model/naming';
import type { Finding, PodKey } from '#model/policy';
import type { PeerAtoms } from './peer-atoms.js';
import { isPolicyEndpoint, type Signature, type SignatureReader } from './signature.js';

/** Pods that will be one group, before it has a name. */
export interface Part {
  /** Name that the group gets when it is the only part of its base: `namespace` or `namespace.workload`. */
  readonly base: string;
  readonly namespace: string;
  readonly workload: string | undefined;
  readonly signature: Signature;
  /** Hash of the signature's texts: survives restarts and unrelated changes of other policies. */
  readonly signatureHash: string;
  readonly members: readonly PodKey[];
}

/** What grouping reads. */
export interface GroupingInput {
  readonly snapshot: ClusterSnapshot;
  readonly policies: readonly PolicyView[];
  readonly atoms: PeerAtoms;
  readonly signatures: SignatureReader;
}

/**
 * Splits the policy endpoints into parts: by namespace (the default boundary), for pods that a policy selects or names by
 * their labels also by workload (the pre-split of policy.md §3.2: a new policy then changes contracts, and the pods keep
 * their VLAN), and by signature. All other pods of a namespace stay together. Sorted by base, then by hash.
 */
export function partsOf({ snapshot, policies, atoms, signatures }: GroupingInput): readonly Part[] {
  const parts = new Map<string, { part: Omit<Part, 'members' | 'signatureHash'>; members: PodKey[] }>();
  for (const [key, pod] of snapshot.pods) {
    if (!isPolicyEndpoint(pod)) continue;
    const signature = signatures.of(pod);
    const single = signature.subjects.length > 0 || signatures.isNamedByPeers(pod);
    const workload = single ? pod.workload : undefined;
    const identity = JSON.stringify([pod.namespace, workload, signature.key]);
    const known = parts.get(identity);
    if (known !== undefined) known.members.push(key);
    else {
      const part = { base: baseName(pod, workload), namespace: pod.namespace, workload, signature };
      parts.set(identity, { part, members: [key] });
    }
  }
  const texts = signatureTexts(policies, atoms);
  return [...parts.values()]
    .map(({ part, members }) => ({
      ...part,
      members,
      signatureHash: contentHash(texts(part.workload, part.signature)),
    }))
    .sort((a, b) => compare(a.base, b.base) || compare(a.signatureHash, b.signatureHash));
}

function baseName(pod: PodView, workload: string | undefined): string {
  return workload === undefined ? pod.namespace : aciName(fullName(pod.namespace, workload), BASE_LIMIT);
}

/** '.' cannot occur in a namespace name: `a.b` is always workload b of namespace a. */
const fullName = (namespace: string, workload: string): string =>
  `${namespace}.${workload.slice(workload.indexOf('/') + 1)}`;

/** Workloads whose names are longer than ACI takes: their groups have a shortened name with a hash. */
export function shortenedNames(parts: readonly Part[]): readonly Finding[] {
  const findings = new Map<string, Finding>();
  for (const { namespace, workload, base } of parts) {
    if (workload === undefined || fullName(namespace, workload) === base) continue;
    const object = workload.replace('/', `/${namespace}/`);
    const message = `metadata.name: '${fullName(namespace, workload)}' is longer than an ACI name may be (64, with room for a suffix: ${BASE_LIMIT}); the EPG is named '${base}'`;
    findings.set(object, { code: 'NAME_SHORTENED', severity: 'warning', object, message });
  }
  return [...findings.values()];
}

/** Leaves room for `:` and six digits that tell the parts of one base apart. */
export const BASE_LIMIT = 57;

/** Turns a signature into text that does not depend on the numbering of atoms and policies. */
function signatureTexts(
  policies: readonly PolicyView[],
  atoms: PeerAtoms,
): (workload: string | undefined, signature: Signature) => string {
  const keys = new Map([...atoms.selectors, ...atoms.blocks].map((atom) => [atom.id, atom.key]));
  const named = (ids: Iterable<number>): readonly string[] => [...ids].map((id) => keys.get(id) ?? '').sort();
  const subject = (index: number): string => {
    const policy = policies[index];
    return policy === undefined ? '' : `${viewKey(policy)} ${selectorKey(policy.subjects)}`;
  };
  return (workload, signature) =>
    JSON.stringify([
      workload ?? '',
      signature.families,
      signature.subjects.map(subject).sort(),
      named(signature.selectorAtoms),
      named(signature.blockAtoms[4]),
      named(signature.blockAtoms[6]),
      [...signature.namedPorts],
    ]);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

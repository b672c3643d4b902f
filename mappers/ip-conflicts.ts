import { formatAddress, parseAddress } from '#model/net';
import type { Finding } from '#model/policy';

/** Where a pod should be, as far as it is known. */
export interface PodPlace {
  /** `namespace/name`. */
  readonly pod: string;
  /** Addresses in canonical text. */
  readonly addresses: readonly string[];
  /** Dn of its EPG. */
  readonly epg: string | undefined;
  readonly node: string | undefined;
  /** Dns of the ports and bundles of its node; undefined when nobody said which they are. */
  readonly paths: readonly string[] | undefined;
}

/** An address that a leaf has learned. */
export interface LearnedAddress {
  /** In canonical text. */
  readonly address: string;
  readonly mac: string;
  /** Dn of the group that it was learned in. */
  readonly group: string;
  /** Dns of the ports and bundles that it was seen on. */
  readonly paths: readonly string[];
}

/** A pod's address that the fabric knows elsewhere. */
export interface IpConflict {
  readonly finding: Finding;
  /**
   * Whether it passes by itself as a rule: a pod that changed its group or its node is known at its old place until the
   * leaves have seen it again. One in somebody else's group does not.
   */
  readonly mayPass: boolean;
}

/** An address in the one spelling that both sides are compared in; undefined for what is none. */
export function canonicalIp(text: string): string | undefined {
  try {
    return formatAddress(parseAddress(text));
  } catch {
    return undefined;
  }
}

/**
 * Addresses of pods that the fabric has learned in another group, or on a port that is not their node's. `learned` are
 * addresses of the pods' VRF alone: another one may use the same. `isOwn` tells groups of ours from others.
 */
export function ipConflicts(
  pods: Iterable<PodPlace>,
  learned: ReadonlyMap<string, readonly LearnedAddress[]>,
  isOwn: (group: string) => boolean,
): readonly IpConflict[] {
  const conflicts: IpConflict[] = [];
  for (const place of pods) {
    for (const address of place.addresses) {
      for (const seen of learned.get(address) ?? []) {
        const conflict = conflictOf(place, seen, isOwn);
        if (conflict !== undefined) conflicts.push(conflict);
      }
    }
  }
  return conflicts.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

const keyOf = ({ finding }: IpConflict): string => `${finding.object} ${finding.message}`;

function conflictOf(
  { pod, epg, node, paths }: PodPlace,
  { address, mac, group, paths: seenOn }: LearnedAddress,
  isOwn: (group: string) => boolean,
): IpConflict | undefined {
  const where = seenOn.length === 0 ? '' : ` on ${seenOn.join(', ')}`;
  const said = `address ${address} is known to the fabric by MAC ${mac}`;
  if (epg !== undefined && group !== epg) {
    const advice = `the pod belongs to ${epg}. Give one of the two another address, or find out who sends in its VLAN`;
    return conflict(pod, `${said} in ${group}${where}; ${advice}`, isOwn(group));
  }
  const strange = paths === undefined ? [] : seenOn.filter((path) => !paths.includes(path));
  if (strange.length === 0) return undefined;
  const advice = `its node ${node ?? ''} hangs on ${paths?.join(', ') ?? ''}. Look for a machine there with the pod's address, or correct fabric.hostPaths`;
  return conflict(pod, `${said} on ${strange.join(', ')}; ${advice}`, true);
}

const conflict = (pod: string, message: string, mayPass: boolean): IpConflict => ({
  finding: { code: 'IP_CONFLICT', severity: 'error', object: `Pod/${pod}`, message },
  mayPass,
});

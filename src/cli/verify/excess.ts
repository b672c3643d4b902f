import type { ZoningRule } from '#fabric';
import type { Finding, FindingCode } from '#model/policy';
import type { ProtocolName } from './critical-ports.js';

/** What has to be known of a flow that the fabric lets pass and policies forbid. */
export interface ExcessQuestion {
  readonly protocol: ProtocolName;
  readonly sourcePort: number;
  /** Whether the destination may open the port toward the source. */
  readonly opensBack: (protocol: ProtocolName, port: number) => boolean;
  /** Whether one of the two may open any SCTP port toward the other. */
  readonly sctpAtAll: () => boolean;
  /** Whether {@link answersEveryone} of the rules both ways. */
  readonly answersEveryone: () => boolean;
  /** Whether groups that are joined in the fabric may open it. */
  readonly inJoinedGroups: () => boolean;
  /** The finding about an admin's EPG that is cut by address, where policies allow the flow for another of its addresses. */
  readonly elsewhereInEpg: () => FindingCode | undefined;
}

/**
 * The finding that explains why the fabric has to let the flow pass (policy.md §3.11): a packet that looks like the answer
 * of a UDP connection, SCTP that has no ports in a filter, an EPG that is cut by address, or groups that are joined.
 * Undefined: nothing explains it.
 */
export function excessCode(question: ExcessQuestion): FindingCode | undefined {
  const { protocol, sourcePort, opensBack, sctpAtAll, answersEveryone, inJoinedGroups, elsewhereInEpg } = question;
  const cut = elsewhereInEpg();
  if (cut !== undefined) return cut;
  if (protocol === 'UDP' && (opensBack('UDP', sourcePort) || answersEveryone())) return 'UDP_REVERSE';
  if (protocol === 'SCTP' && (sctpAtAll() || answersEveryone())) return 'SCTP_PORTS';
  return inJoinedGroups() ? 'FABRIC_APPROXIMATED' : undefined;
}

/**
 * Whether the rule that let the packet pass is the way back of a contract by which everybody may open everything toward its
 * source: such answers go to the whole VRF (policy.md §3.6, vzAny). That everybody may is checked by itself, for TCP.
 */
export const answersEveryone = (rule: ZoningRule | undefined, backward: readonly ZoningRule[]): boolean =>
  rule?.destination === 'any' &&
  rule.source !== 'any' &&
  backward.some(
    ({ source, destination, action, entry }) =>
      source === 'any' && destination === rule.source && action === 'permit' && entry?.etherType === 'unspecified',
  );

/** Dns of EPGs of VMs, bare metal and nodes that policies cut by address, with the code of the finding that says so. */
export const splitEpgsIn = (findings: readonly Finding[]): ReadonlyMap<string, FindingCode> =>
  new Map(
    findings.flatMap(({ code, object }) =>
      code === 'IPBLOCK_SPLITS_EPG' || code === 'NODE_SPLIT' ? [[object.replace(/^EPG\//, ''), code] as const] : [],
    ),
  );

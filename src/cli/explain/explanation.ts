import {
  CLIENT_PORT,
  decide,
  explainPacket,
  type FabricReason,
  type Packet,
  replyPacket,
  type ZoningRule,
} from '#fabric';
import { allowsConn, formatAddress, type IpAddress, type Protocol } from '#model/net';
import type { FindingCode } from '#model/policy';
import { connectionsBetween, explainFlow, type FlowEnd, type PolicyExplanation } from '#policy';
import type { FabricPicture } from '../picture/fabric-picture.js';
import { fabricPorts, PROTOCOLS, type ProtocolName } from '../verify/critical-ports.js';
import { answersEveryone, excessCode, splitEpgsIn } from '../verify/excess.js';
import { openingFrom } from '../verify/flow-check.js';

/** A flow between two places, with the addresses that it runs between. */
export interface ExplainedFlow {
  readonly source: FlowPlace;
  readonly destination: FlowPlace;
  readonly protocol: Protocol;
  readonly port: number;
  /** Port that the first packet comes from; an ephemeral one when left out. */
  readonly sourcePort?: number;
}

/** One end of a flow: a pod that policies apply to, or an address. */
export interface FlowPlace {
  readonly name: string;
  readonly pod: string | undefined;
  readonly address: IpAddress;
}

/** Everything about one flow: what policies say, what the fabric does both ways, and why the two differ. */
export interface FlowExplanation {
  /** With the source port that was looked at. */
  readonly flow: ExplainedFlow & { readonly sourcePort: number };
  readonly policy: PolicyExplanation;
  readonly fabric: FabricExplanation;
  readonly difference: Difference | undefined;
}

/** What the fabric does with the first packet, and with its answers: for TCP an acceptance and a reset. */
export interface FabricExplanation {
  readonly origin: string;
  readonly open: FabricReason;
  readonly replies: readonly FabricReason[];
}

/** Why policies and fabric do not say the same. */
export interface Difference {
  /** Finding that explains it; undefined when nothing does: the objects are then not as they should be. */
  readonly code: FindingCode | undefined;
  readonly message: string;
}

/**
 * Explains the flow. Where policies deny it and no source port was given, one is looked for from which the fabric lets it
 * pass: a fabric without state can be passed from the port of a service. Undefined when an end names a pod that policies do
 * not apply to.
 */
export function explain(picture: FabricPicture, asked: ExplainedFlow): FlowExplanation | undefined {
  const policy = explainFlow(picture.compiler, policyFlow(asked));
  if (policy === undefined) return undefined;
  const sourcePort = asked.sourcePort ?? (policy.allowed ? CLIENT_PORT : passingPort(picture, asked));
  const flow = { ...asked, sourcePort };
  const fabric = fabricExplanation(picture, flow);
  return { flow, policy, fabric, difference: differenceOf(picture, { flow, policy, fabric }) };
}

/** A source port from which the fabric lets the first packet pass; the usual one when there is none. */
function passingPort(picture: FabricPicture, flow: ExplainedFlow): number {
  const { forward, backward } = rulesOf(picture, flow);
  const { source: ports } = fabricPorts(forward, backward, PROTOCOLS[nameOf(flow)]);
  const passes = (sourcePort: number): boolean => decide(forward, openingOf({ ...flow, sourcePort })).permitted;
  return [CLIENT_PORT, ...[...ports].sort((a, b) => a - b)].find(passes) ?? CLIENT_PORT;
}

const nameOf = ({ protocol }: Pick<ExplainedFlow, 'protocol'>): ProtocolName => protocol.toUpperCase() as ProtocolName;

/** The first packet of the flow. */
const openingOf = (flow: FlowExplanation['flow']): Packet =>
  openingFrom({ ...flow, protocol: nameOf(flow) }, flow.source.address.family);

/** Every zoning rule that packets of the flow, and those back, may meet. */
function rulesOf(
  picture: FabricPicture,
  { source, destination }: Pick<ExplainedFlow, 'source' | 'destination'>,
): { readonly forward: readonly ZoningRule[]; readonly backward: readonly ZoningRule[] } {
  const [from, to] = [picture.classOf(source), picture.classOf(destination)];
  if (from === undefined || to === undefined) return { forward: [], backward: [] };
  return { forward: picture.evaluator.rulesBetween(from, to), backward: picture.evaluator.rulesBetween(to, from) };
}

function policyFlow({ source, destination, protocol, port }: ExplainedFlow): Parameters<typeof explainFlow>[1] {
  return { source: flowEnd(source), destination: flowEnd(destination), family: source.address.family, protocol, port };
}

const flowEnd = ({ pod, address }: FlowPlace): FlowEnd =>
  pod === undefined ? { kind: 'address', address } : { kind: 'pod', key: pod };

function fabricExplanation(picture: FabricPicture, flow: FlowExplanation['flow']): FabricExplanation {
  const { source, destination, protocol } = flow;
  const opening = openingOf(flow);
  const [from, to] = [picture.classOf(source), picture.classOf(destination)];
  const kinds = protocol === 'tcp' ? (['accept', 'reset'] as const) : (['accept'] as const);
  return {
    origin: picture.origin,
    open: explainPacket(picture.evaluator, { source: from, destination: to }, opening),
    replies: kinds.map((kind) =>
      explainPacket(picture.evaluator, { source: to, destination: from }, replyPacket(opening, kind)),
    ),
  };
}

type Told = Omit<FlowExplanation, 'difference'>;

function differenceOf(picture: FabricPicture, told: Told): Difference | undefined {
  const { policy, fabric } = told;
  if (policy.self || isUnsaid(policy)) return undefined;
  if (policy.allowed && !fabric.open.permitted) return tooLittle(picture, told);
  if (policy.allowed && fabric.replies.some(({ permitted }) => !permitted)) {
    return { code: undefined, message: 'policies allow the flow and the fabric drops its answers' };
  }
  return !policy.allowed && fabric.open.permitted ? tooMuch(picture, told) : undefined;
}

/** Whether neither end is a pod: policies say nothing of such flows, and the fabric need not either. */
export const isUnsaid = ({ egress, ingress }: PolicyExplanation): boolean =>
  egress.decision === 'no-pod' && ingress.decision === 'no-pod';

function tooLittle(picture: FabricPicture, { flow, fabric }: Told): Difference {
  const without = [flow.source, flow.destination].find(
    ({ pod }) => pod !== undefined && picture.vlanOf(pod) === undefined,
  );
  if (without?.pod !== undefined) return withoutVlan(picture.codeWithoutVlan(without.pod), without.name);
  const unknown = [fabric.open.source === undefined ? flow.source : undefined, flow.destination].find(
    (end) => end !== undefined && picture.classOf(end) === undefined,
  );
  const message =
    unknown === undefined
      ? 'policies allow the flow and the fabric drops it'
      : `policies allow the flow, and the fabric has no EPG for ${unknown.name}`;
  return { code: undefined, message };
}

const withoutVlan = (code: 'NODE_WITHOUT_PATH' | 'VLANS_EXHAUSTED', name: string): Difference => ({
  code,
  message:
    code === 'VLANS_EXHAUSTED'
      ? `no VLAN was left for the group of ${name}`
      : `no path in fabric.hostPaths leads to the node of ${name}`,
});

function tooMuch(picture: FabricPicture, { flow, fabric }: Told): Difference {
  const { sourcePort } = flow;
  const rules = rulesOf(picture, flow);
  const opened = decide(rules.forward, openingOf(flow));
  const between = {
    source: fabric.open.source,
    destination: fabric.open.destination,
    family: flow.source.address.family,
    protocol: flow.protocol,
    port: flow.port,
    sourcePort,
  };
  if (picture.adminOpened.explains(between)) return BY_ADMIN;
  const asked = policyFlow(flow);
  const forward = connectionsBetween(picture.compiler, asked);
  const back = connectionsBetween(picture.compiler, { ...asked, source: asked.destination, destination: asked.source });
  const split = splitEpgsIn(picture.compiled.findings);
  const code = excessCode({
    protocol: nameOf(flow),
    sourcePort,
    opensBack: (name, port) => allowsConn(back, name.toLowerCase() as Protocol, port),
    sctpAtAll: () => forward.sctp.length + back.sctp.length > 0,
    answersEveryone: () => answersEveryone(opened.rule, rules.backward),
    inJoinedGroups: () => picture.approximation.explains(between),
    elsewhereInEpg: () => split.get(fabric.open.source ?? '') ?? split.get(fabric.open.destination ?? ''),
  });
  if (code === undefined)
    return { code, message: 'policies forbid the flow, the fabric permits it, and nothing explains why' };
  return { code, message: `${EXCESS[code] ?? ''}; the host agents enforce the policy` };
}

const BY_ADMIN: Difference = {
  code: 'ADMIN_CONTRACT',
  message: 'an admin has opened it by a contract; the host agents let it through as well, whatever the policies say',
};

const EXCESS: Readonly<Partial<Record<FindingCode, string>>> = {
  FABRIC_APPROXIMATED: 'the fabric joins groups to stay within its limits, and one of those may open this',
  UDP_REVERSE:
    'the fabric keeps no UDP state: the packet looks like the answer to what the destination may open toward the source',
  SCTP_PORTS: 'the fabric knows no SCTP ports: it permits SCTP as a whole, both ways, where any of it is allowed',
  NODE_SPLIT:
    'policies tell nodes apart by address: the fabric permits for the EPG of the nodes what holds for some of them',
  IPBLOCK_SPLITS_EPG: 'an ipBlock cuts this EPG: the fabric permits for the whole EPG what holds for a part of it',
};

/** `shop/web-0 (10.244.0.10) -> 192.0.2.1 TCP/443`. */
export function flowText({ source, destination, protocol, port }: ExplainedFlow): string {
  const place = ({ name, address }: FlowPlace): string => {
    const ip = formatAddress(address);
    return name === ip ? ip : `${name} (${ip})`;
  };
  return `${place(source)} -> ${place(destination)} ${protocol.toUpperCase()}/${port}`;
}

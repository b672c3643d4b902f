import { CLIENT_PORT, type FabricReason, type RuleReason } from '#fabric';
import type { RuleReference } from '#model/policy';
import type { PolicyExplanation, SideExplanation } from '#policy';
import { type FlowExplanation, flowText, isUnsaid } from './explanation.js';

/** The explanation for people: policy, fabric, both directions, and the difference. */
export function explanationText(told: FlowExplanation): readonly string[] {
  return [...policyText(told), ...fabricText(told), ...differenceText(told)];
}

function policyText({ flow, policy }: FlowExplanation): readonly string[] {
  if (policy.self) return ['policy  ALLOWS   a pod always reaches itself'];
  if (isUnsaid(policy)) return ['policy  SAYS NOTHING: neither end is a pod'];
  const verdict = policy.allowed ? 'ALLOWS' : 'DENIES';
  return [
    `policy  ${verdict}`,
    ...sideText('egress', flow.source.name, policy.egress),
    ...sideText('ingress', flow.destination.name, policy.ingress),
    ...(policy.allowed ? ['  replies  pass: the hosts track connections'] : []),
  ];
}

function sideText(
  direction: keyof Pick<PolicyExplanation, 'egress' | 'ingress'>,
  name: string,
  side: SideExplanation,
): readonly string[] {
  const head = `  ${direction.padEnd(7)}  ${name}: `;
  const indent = ' '.repeat(11);
  const isolating = side.selectedBy.length === 0 ? [] : [`${indent}selected by ${side.selectedBy.join(', ')}`];
  const passed = side.passedBy.map((rule) => `${indent}passed on by ${ruleText(rule)}`);
  const widened =
    side.decision !== 'no-rule' || side.otherPorts.length === 0
      ? []
      : [`${indent}for other ports only: ${side.otherPorts.map(ruleText).join(', ')}`];
  return [`${head}${decisionText(side)}`, ...isolating, ...passed, ...widened];
}

function decisionText({ decision, rules }: SideExplanation): string {
  const listed = rules.map(ruleText).join(', ');
  switch (decision) {
    case 'no-pod':
      return 'allowed, no policy applies: not a pod';
    case 'not-isolated':
      return 'allowed, not isolated';
    case 'rule-allows':
      return `allowed by ${listed}`;
    case 'rule-denies':
      return `denied by ${listed}`;
    case 'no-rule':
      return 'denied: isolated, and no rule admits it';
  }
}

const ruleText = ({ policy, direction, rule }: RuleReference): string => `${policy} ${direction}[${rule}]`;

function fabricText({ flow, fabric, policy }: FlowExplanation): readonly string[] {
  if (policy.self) return [];
  const { open, replies, origin } = fabric;
  const answers = replies.every((reply) => sameReason(reply, replies[0])) ? replies.slice(0, 1) : replies;
  const passes = open.permitted && replies.every(({ permitted }) => permitted);
  return [
    `fabric  ${passes ? 'PERMITS' : 'DROPS'}  (${origin}${flow.sourcePort === CLIENT_PORT ? '' : `, from port ${flow.sourcePort}`})`,
    ...reasonText('open', open),
    ...(open.permitted ? answers.flatMap((reply) => reasonText('reply', reply)) : []),
  ];
}

const sameReason = (a: FabricReason, b: FabricReason | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);

function reasonText(what: string, reason: FabricReason): readonly string[] {
  const indent = ' '.repeat(11);
  const { source, destination, permitted, rule } = reason;
  return [
    `  ${what.padEnd(7)}  ${permitted ? 'permit' : 'drop'}: ${kindText(reason)}`,
    `${indent}${source ?? '(no EPG)'} -> ${destination ?? '(no EPG)'}`,
    ...(rule?.contract === undefined ? [] : ruleLines(rule).map((line) => `${indent}${line}`)),
  ];
}

function kindText({ kind, rule }: FabricReason): string {
  const priority = rule === undefined ? '' : ` (priority ${rule.priority} ${rule.priorityName})`;
  switch (kind) {
    case 'contract':
      return `${rule?.action === 'deny' ? 'denied' : 'permitted'} by a contract${priority}`;
    case 'same-group':
      return `members of one EPG talk freely${priority}`;
    case 'isolation':
      return `the EPG is isolated inside${priority}`;
    case 'no-rule':
      return 'no rule matches (implicit deny)';
    case 'no-class':
      return 'an end is in no EPG of the VRF';
  }
}

function ruleLines({ contract, subject, filter, entry, matches, owner, sources }: RuleReason): readonly string[] {
  const asked = sources.length === 0 ? [] : [`asked for by ${sources.join(', ')}`];
  return [
    `contract ${contract}${owner === undefined ? ' (an admin’s)' : ''}`,
    `subject ${subject}, filter ${filter}, entry ${entry}: ${matches}`,
    ...asked,
  ];
}

function differenceText({ difference }: FlowExplanation): readonly string[] {
  if (difference === undefined) return [];
  return [`differ  ${difference.code ?? 'UNEXPLAINED'}: ${difference.message}`];
}

/** One line that names the flow and says whether it works. */
export const headline = ({ flow }: Pick<FlowExplanation, 'flow'>, allowed: boolean): string =>
  `${flowText(flow)}: ${allowed ? 'ALLOWED' : 'DENIED'}`;

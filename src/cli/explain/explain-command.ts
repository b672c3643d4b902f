import type { FabricReason } from '#fabric';
import { formatAddress } from '#model/net';
import { EXIT } from '../exit-codes.js';
import { writeFindings } from '../finding-lines.js';
import type { ApicArguments } from '../picture/apic-objects.js';
import { pictureFor } from '../picture/choose-picture.js';
import { loadPolicyState, type PolicyArguments } from '../picture/policy-state.js';
import { endOf, type NamedEnd, protocolAndPort, routesBetween } from './ends.js';
import { explain, type FlowExplanation } from './explanation.js';
import { explanationText, headline } from './text.js';

/** Arguments of `acigw explain`. */
export interface ExplainArguments extends PolicyArguments, ApicArguments {
  readonly output: 'text' | 'json';
  readonly source: string;
  readonly destination: string;
  readonly protocolAndPort: string;
}

/** Version of the output's form; a field may be added under it, never changed or removed. */
export const EXPLAIN_SCHEMA = 'acigw.explain/v1';

/**
 * Explains a flow, in each IP family that both ends have. Exit code 0 when it works in the first of them, 1 when it does
 * not. Throws InvalidInputError for ends, ports and APICs that cannot be used.
 */
export async function explainCommand(given: ExplainArguments, environment: NodeJS.ProcessEnv): Promise<number> {
  const { protocol, port } = protocolAndPort(given.protocolAndPort);
  const state = loadPolicyState(given);
  writeFindings(state.manifests.findings);
  const source = endOf(given.source, 'SRC', state);
  const destination = endOf(given.destination, 'DST', state);
  const routes = routesBetween(source, destination);
  const picture = await pictureFor(state, given, environment);
  const path = pathOf(source, destination);
  const told = routes.flatMap(({ from, to }) => {
    const flow = {
      source: { name: source.name, pod: source.pod, address: from },
      destination: { name: destination.name, pod: destination.pod, address: to },
      protocol,
      port,
    };
    return explain(picture, flow) ?? [];
  });
  const answers = told.map((one) => ({ ...one, allowed: isAllowed(one, path) }));
  const notes = [...source.notes, ...destination.notes, ...pathNotes(path)];
  process.stdout.write(given.output === 'json' ? jsonOf(answers, { path, notes }) : textOf(answers, notes));
  return answers[0]?.allowed === true ? EXIT.ok : EXIT.denied;
}

/**
 * Where the packets go: over the fabric; from one pod to another of the same node, which the fabric never sees (finding
 * LOCAL of policy.md §3.11); or between a pod and its own node, which is always allowed (policy.md N22).
 */
type FlowPath = 'fabric' | 'same-node' | 'own-node';

function pathOf(source: NamedEnd, destination: NamedEnd): FlowPath {
  if (source.node === undefined || source.node !== destination.node) return 'fabric';
  return source.isNode || destination.isNode ? 'own-node' : 'same-node';
}

const pathNotes = (path: FlowPath): readonly string[] => {
  if (path === 'fabric') return [];
  if (path === 'same-node') return ['both are on one node: the fabric never sees the flow, the host agent decides'];
  return ['a pod and its own node always reach each other, whatever policies say'];
};

function isAllowed({ policy, fabric, difference }: FlowExplanation, path: FlowPath): boolean {
  if (policy.self || path === 'own-node') return true;
  const isOpen = policy.allowed || difference?.code === 'ADMIN_CONTRACT';
  if (path === 'same-node') return isOpen;
  return isOpen && fabric.open.permitted && fabric.replies.every(({ permitted }) => permitted);
}

interface Answer extends FlowExplanation {
  readonly allowed: boolean;
}

function textOf(answers: readonly Answer[], notes: readonly string[]): string {
  const blocks = answers.map((answer) => [headline(answer, answer.allowed), ...explanationText(answer)].join('\n'));
  return `${[...blocks, ...notes.map((note) => `note    ${note}`)].join('\n')}\n`;
}

function jsonOf(
  answers: readonly Answer[],
  rest: { readonly path: FlowPath; readonly notes: readonly string[] },
): string {
  const flows = answers.map(({ flow, allowed, policy, fabric, difference }) => ({
    source: flow.source.name,
    sourceIp: formatAddress(flow.source.address),
    destination: flow.destination.name,
    destinationIp: formatAddress(flow.destination.address),
    protocol: flow.protocol.toUpperCase(),
    port: flow.port,
    sourcePort: flow.sourcePort,
    allowed,
    policy,
    fabric: { origin: fabric.origin, open: reasonOf(fabric.open), replies: fabric.replies.map(reasonOf) },
    difference: difference === undefined ? null : { ...difference, code: difference.code ?? null },
  }));
  return `${JSON.stringify({ schema: EXPLAIN_SCHEMA, ...rest, flows }, null, 2)}\n`;
}

/** A reason with `null` where something is not there, so that every field is always in the output. */
export function reasonOf({ source, destination, rule, ...reason }: FabricReason): object {
  const { contract, subject, filter, entry, owner, ...known } = rule ?? {};
  const told =
    rule === undefined
      ? null
      : {
          ...known,
          contract: contract ?? null,
          subject: subject ?? null,
          filter: filter ?? null,
          entry: entry ?? null,
          owner: owner ?? null,
        };
  return { ...reason, source: source ?? null, destination: destination ?? null, rule: told };
}

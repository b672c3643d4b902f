import { INPUT_CODES, placed } from '../compile-command.js';
import { EXIT } from '../exit-codes.js';
import { reasonOf } from '../explain/explain-command.js';
import { explain, type FlowExplanation, flowText } from '../explain/explanation.js';
import { explanationText } from '../explain/text.js';
import { writeFindings } from '../finding-lines.js';
import type { ApicArguments } from '../picture/apic-objects.js';
import { pictureFor } from '../picture/choose-picture.js';
import type { FabricPicture } from '../picture/fabric-picture.js';
import { loadPolicyState, type PolicyArguments } from '../picture/policy-state.js';
import { Progress } from '../progress.js';
import type { CounterExample } from './tally.js';
import { type Verification, verify } from './verification.js';

/** Arguments of `acigw verify`. */
export interface VerifyArguments extends PolicyArguments, ApicArguments {
  readonly output: 'text' | 'json';
}

/** Version of the output's form; a field may be added under it, never changed or removed. */
export const VERIFY_SCHEMA = 'acigw.verify/v1';

/**
 * Proves that the managed objects mean what the policies say, or shows a flow that they treat otherwise. Exit code 0 for
 * the proof, 1 for a counter-example, 2 when some input was not taken as it is, so that the proof is not of all of it.
 */
export async function verifyCommand(given: VerifyArguments, environment: NodeJS.ProcessEnv): Promise<number> {
  const state = loadPolicyState(given);
  const { manifests, snapshot } = state;
  const findings = [...manifests.findings, ...snapshot.findings.map((finding) => placed(finding, manifests))];
  writeFindings(findings);
  const picture = await pictureFor(state, given, environment);
  const verification = verify(state, picture, patience(new Progress(process.stderr)));
  const told = explainedCounterExample(verification, picture);
  process.stdout.write(
    given.output === 'json'
      ? jsonOf(verification, picture, told)
      : `${textOf(verification, picture, told).join('\n')}\n`,
  );
  if (verification.proof.differences > 0) return EXIT.differs;
  return findings.some(({ code }) => INPUT_CODES.has(code)) ? EXIT.badInput : EXIT.ok;
}

/** Says how far the proof is, once it has taken a second and then each second. */
function patience(progress: Progress): (done: number, of: number) => void {
  let next = performance.now() + 1000;
  return (done, of) => {
    if (performance.now() < next) return;
    next = performance.now() + 1000;
    progress.waiting(`verify: checked the flows of ${done} of ${of} addresses`);
  };
}

function explainedCounterExample(
  { proof: { counterExample } }: Verification,
  picture: FabricPicture,
): FlowExplanation | undefined {
  return counterExample === undefined ? undefined : explain(picture, flowOf(counterExample));
}

const flowOf = (found: CounterExample): Parameters<typeof explain>[1] => ({
  source: { name: found.source.name, ...found.sourceAddress.end },
  destination: { name: found.destination.name, ...found.destinationAddress.end },
  protocol: PROTOCOLS[found.protocol],
  port: found.port,
  sourcePort: found.sourcePort,
});

const PROTOCOLS = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const;

const KINDS: Readonly<Record<CounterExample['kind'], string>> = {
  denied: 'policies allow this flow, the fabric drops it',
  opened: 'policies forbid this flow, the fabric permits it, and no finding explains why',
  reply: 'policies allow this flow, the fabric drops the answers',
};

function textOf(
  { proof, oracle, pods, outside }: Verification,
  { origin }: FabricPicture,
  told: FlowExplanation | undefined,
): readonly string[] {
  const { points, pairs, excesses, differences, counterExample } = proof;
  const places = `${oracle.pods.length} pods as ${pods.length} classes, ${outside.length} places outside`;
  const scope = `${points} critical points of ${pairs} pairs (${places})`;
  const left = [...oracle.unspecified].sort();
  const more = [
    ...[...excesses].map(([code, count]) => `${code}: at ${count} points the fabric permits more; the hosts are exact`),
    ...(left.length === 0 ? [] : [`left out, because the API would refuse something in it: ${left.join(', ')}`]),
  ];
  if (counterExample === undefined) {
    return [`PROVED  ${origin}: equal to the policies at ${scope}`, ...more.map((line) => `        ${line}`)];
  }
  const flow = `${flowText(flowOf(counterExample))} from port ${counterExample.sourcePort}`;
  return [
    `DIFFERS ${origin}: not what the policies say at ${differences} of ${scope}`,
    ...more.map((line) => `        ${line}`),
    `for example ${flow}: ${KINDS[counterExample.kind]}`,
    ...(told === undefined ? [] : explanationText(told)),
  ];
}

function jsonOf(
  { proof, oracle, pods, outside }: Verification,
  { origin }: FabricPicture,
  told: FlowExplanation | undefined,
): string {
  const { points, pairs, excesses, differences, counterExample } = proof;
  const output = {
    schema: VERIFY_SCHEMA,
    origin,
    proved: differences === 0,
    points,
    pairs,
    pods: oracle.pods.length,
    podClasses: pods.length,
    outsidePlaces: outside.length,
    leftOut: [...oracle.unspecified].sort(),
    excesses: [...excesses].map(([code, count]) => ({ code, points: count })),
    differences,
    counterExample: counterExample === undefined ? null : counterExampleRow(counterExample, told),
  };
  return `${JSON.stringify(output, null, 2)}\n`;
}

function counterExampleRow(found: CounterExample, told: FlowExplanation | undefined): object {
  return {
    source: found.source.name,
    sourceIp: found.sourceAddress.ip,
    destination: found.destination.name,
    destinationIp: found.destinationAddress.ip,
    protocol: found.protocol,
    port: found.port,
    sourcePort: found.sourcePort,
    kind: found.kind,
    policy: told?.policy ?? null,
    fabric:
      told === undefined
        ? null
        : { open: reasonOf(told.fabric.open), replies: told.fabric.replies.map((reply) => reasonOf(reply)) },
  };
}

import { applySettings } from '#config';
import { GatewayError, InvalidInputError } from '#errors';
import type { PlanView } from '#ports';
import { firstPlan } from '#workers';
import { INPUT_CODES, placed } from '../compile-command.js';
import { EXIT } from '../exit-codes.js';
import { writeFindings } from '../finding-lines.js';
import { errorIn, type GatewayArguments, GatewayClient } from '../gateway-client.js';
import { type ApicArguments, apicFor, readApicObjects, withApic } from '../picture/apic-objects.js';
import { loadPolicyState } from '../picture/policy-state.js';
import { apicDocument } from './apic-document.js';
import { type Grouping, planText } from './plan-text.js';
import { readPlan } from './read-plan.js';

/** Arguments of `acigw plan`. */
export interface PlanArguments extends ApicArguments, GatewayArguments {
  readonly from?: readonly string[];
  readonly ignoreUnknownKinds: boolean;
  readonly output: 'text' | 'json' | 'apic';
  readonly groupBy: Grouping;
  readonly detailedExitcode: boolean;
}

interface Planned {
  readonly plan: PlanView;
  /** Some input was not taken as it is: the plan is not of all of it. */
  readonly isPartial: boolean;
}

/**
 * Prints what the gateway is about to do to the fabric: a running one, or one that would start with these manifests and this
 * APIC. Exit code 0; with `detailedExitcode` 3 when there is something to do or to approve; 2 when some input was not taken as
 * it is. Throws InvalidInputError for options that would be ignored.
 */
export async function planCommand(given: PlanArguments, environment: NodeJS.ProcessEnv): Promise<number> {
  refuseWhatIsIgnored(given);
  const { plan, isPartial } =
    given.from === undefined
      ? { plan: await planOfGateway(given), isPartial: false }
      : await planOfManifests({ ...given, from: given.from }, environment);
  writeFindings(plan.findings);
  process.stdout.write(printed(plan, given));
  if (isPartial) return EXIT.badInput;
  return given.detailedExitcode && hasWork(plan) ? EXIT.changes : EXIT.ok;
}

/** A plan of something else than was meant would be worse than none. */
function refuseWhatIsIgnored(given: PlanArguments): void {
  if (given.from !== undefined) {
    if (given.gateway === undefined) return;
    throw new InvalidInputError('plan: --gateway asks a running gateway, and --from none; give one of them');
  }
  const [option] = [
    ...(given.apic === undefined ? [] : ['--apic']),
    ...(given.user === undefined ? [] : ['--user']),
    ...(given.passwordFile === undefined ? [] : ['--password-file']),
    ...(given.ca === undefined ? [] : ['--ca']),
    ...(given.ignoreUnknownKinds ? ['--ignore-unknown-kinds'] : []),
  ];
  if (option === undefined) return;
  throw new InvalidInputError(
    `plan: ${option} goes with --from; without it a running gateway is asked, with its own APIC`,
  );
}

const hasWork = ({ counts, waiting }: PlanView): boolean =>
  counts.create + counts.modify + counts.delete > 0 || waiting !== null;

function printed(plan: PlanView, { output, groupBy }: PlanArguments): string {
  if (output === 'json') return `${JSON.stringify(plan, null, 2)}\n`;
  if (output === 'apic') return `${JSON.stringify(apicDocument(plan), null, 2)}\n`;
  const isColoured = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
  return `${planText(plan, { groupBy, isColoured }).join('\n')}\n`;
}

async function planOfManifests(
  given: PlanArguments & { readonly from: readonly string[] },
  environment: NodeJS.ProcessEnv,
): Promise<Planned> {
  const state = loadPolicyState(given);
  const { manifests, snapshot, settings, foreignEpgs, nodeEpg } = state;
  const findings = [...manifests.findings, ...snapshot.findings.map((finding) => placed(finding, manifests))];
  writeFindings(findings);
  const configuration = withApic(state.configuration, given);
  if (configuration.apic === undefined) {
    throw new InvalidInputError('plan --from needs the APIC to compare with: --apic <url>, or apic.urls with --config');
  }
  const found = await readApicObjects(apicFor(configuration, given, environment), settings);
  const plan = firstPlan({ snapshot, found, settings, foreignEpgs, nodeEpg, apply: applySettings(configuration) });
  return { plan, isPartial: findings.some(({ code }) => INPUT_CODES.has(code)) };
}

async function planOfGateway(given: PlanArguments): Promise<PlanView> {
  const client = new GatewayClient(given);
  const answer = await client.get('/api/v1/plan');
  if (answer.status === 200) return readPlan(answer.body, client.url);
  throw new GatewayError('GATEWAY_REFUSED', errorIn(answer), { disposition: 'retry' });
}

import { type Command, Option } from 'commander';
import type { ApproveArguments } from './approve-command.js';
import type { PlanArguments } from './plan/plan-command.js';
import type { StatusArguments } from './status-command.js';
import type { UninstallArguments } from './uninstall-command.js';

/** Adds `plan`, `approve`, `status` and `uninstall`: what is to be done to the fabric, what may, how far it is, and its end. */
export function addPlanCommands(program: Command, finish: (exitCode: number) => void): void {
  addPlan(program, finish);
  addApprove(program, finish);
  addStatus(program, finish);
  addUninstall(program, finish);
}

const repeated = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

function addPlan(program: Command, finish: (exitCode: number) => void): void {
  program
    .command('plan')
    .description('print what would be done to the fabric: by a running gateway, or for manifests and an APIC')
    .option(
      '--from <place>',
      'file, folder, or - for standard input, instead of a running gateway; repeatable',
      repeated,
    )
    .option('--config <file>', 'configuration; clusterId, fabric, fabricPolicies, apply, apic and api matter here')
    .option('--ignore-unknown-kinds', 'leave out kinds that Kubernetes does not know without a word', false)
    .option('--apic <url>', 'with --from: the APIC to compare with; may be given several times', repeated)
    .option('--user <name>', 'user of the APIC')
    .option('--password-file <file>', 'file with the password of the user; or ACIGW_APIC_PASSWORD')
    .option('--ca <file>', 'CA of the APIC’s certificate, or the certificate itself (PEM)')
    .option('--gateway <url>', 'API of the running gateway; without it as the configuration says')
    .option('--detailed-exitcode', 'exit code 3 when there is something to do or to approve', false)
    .addOption(
      new Option('--group-by <what>', 'how the text is put together')
        .choices(['phase', 'namespace', 'object'])
        .default('phase'),
    )
    .addOption(
      new Option('--output <form>', 'text for people, json for scripts, apic: one tree for a pre-change analysis')
        .choices(['text', 'json', 'apic'])
        .default('text'),
    )
    .action(async (options: PlanArguments) => {
      const { planCommand } = await import('./plan/plan-command.js');
      finish(await planCommand(options, process.env));
    });
}

function addApprove(program: Command, finish: (exitCode: number) => void): void {
  program
    .command('approve')
    .description('let a running gateway make the deletions that wait for approval')
    .argument('[HASH]', 'hash of the deletions, as the log, the findings and --list say it')
    .option('--list', 'list what waits, and approve nothing', false)
    .option('--config <file>', 'configuration; api matters here')
    .option('--gateway <url>', 'API of the running gateway; without it as the configuration says')
    .option('--token-file <file>', 'file with the token of the gateway’s api.tokenFile')
    .addOption(
      new Option('--output <form>', 'text for people, json for scripts').choices(['text', 'json']).default('text'),
    )
    .action(async (hash: string | undefined, options: ApproveArguments) => {
      const { approveCommand } = await import('./approve-command.js');
      finish(await approveCommand(hash, options));
    });
}

function addStatus(program: Command, finish: (exitCode: number) => void): void {
  program
    .command('status')
    .description('show how far a running gateway is, or one Kubernetes object; exit code 3: not yet')
    .argument('[OBJECT]', 'Kind/namespace/name, or Kind/name of one without a namespace')
    .option('--config <file>', 'configuration; api matters here')
    .option('--gateway <url>', 'API of the running gateway; without it as the configuration says')
    .addOption(
      new Option('--output <form>', 'text for people, json for scripts').choices(['text', 'json']).default('text'),
    )
    .action(async (object: string | undefined, options: StatusArguments) => {
      const { statusCommand } = await import('./status-command.js');
      finish(await statusCommand(object, options));
    });
}

function addUninstall(program: Command, finish: (exitCode: number) => void): void {
  program
    .command('uninstall')
    .description('remove everything of a cluster from the APIC; stop its gateway first')
    .requiredOption('--config <file>', 'configuration; clusterId and apic matter here')
    .option('--yes', 'remove it; without it only say what there is, exit code 3', false)
    .option(
      '--with-others',
      'with --yes: remove objects of others below it, too; else nothing goes while there are any',
      false,
    )
    .addOption(
      new Option('--output <form>', 'text for people, json for scripts').choices(['text', 'json']).default('text'),
    )
    .action(async (options: UninstallArguments) => {
      const { uninstallCommand } = await import('./uninstall-command.js');
      finish(await uninstallCommand(options, process.env));
    });
}

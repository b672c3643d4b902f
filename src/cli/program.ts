import { Command, Option } from 'commander';
import type { CompileArguments } from './compile-command.js';
import type { DemoArguments } from './demo/demo-command.js';
import { EXIT } from './exit-codes.js';
import { writeFindings } from './finding-lines.js';
import type { ApicMockArguments, KubeMockArguments } from './mock-commands.js';
import { atLeastOne, portNumber, wholeNumber } from './option-values.js';
import { addPlanCommands } from './plan-commands.js';
import { addPolicyCommands } from './policy-commands.js';
import { addWorkCommands } from './work-commands.js';

/** Takes the exit code of the command that ran. */
type Finish = (exitCode: number) => void;

/**
 * The `acigw` command. Each command's code is loaded when it runs: the command line must answer at once. `finish` gets the
 * exit code; errors are thrown to the caller.
 */
export function createProgram(version: string, finish: Finish): Command {
  const program = new Command('acigw')
    .description('The gateway between Kubernetes and Cisco ACI')
    .version(version)
    // `apic-mock --version '6.0(9c)'` is that command's option: without this the program would print its own version.
    .enablePositionalOptions()
    .showHelpAfterError('(acigw --help lists the commands)');
  addCompile(program, finish);
  addPolicyCommands(program, finish);
  addPlanCommands(program, finish);
  addRun(program, finish);
  addWorkCommands(program, finish);
  addAgent(program, finish);
  addMocks(program, finish);
  addDemo(program, finish);
  return program;
}

function addCompile(program: Command, finish: Finish): void {
  program
    .command('compile')
    .description('translate Kubernetes manifests into managed objects, offline')
    .requiredOption('--from <place>', 'file, folder, or - for standard input')
    .option('--config <file>', 'configuration; clusterId, fabric and fabricPolicies matter here')
    .option('--allocation <file>', 'keeps names and VLANs from one run to the next; made when it is not there')
    .option('--ignore-unknown-kinds', 'leave out kinds that Kubernetes does not know without a word', false)
    .addOption(
      new Option('--output <form>', 'json: all of it; text: what it takes of the fabric')
        .choices(['text', 'json'])
        .default('json'),
    )
    .action(async (options: CompileArguments & { readonly output: 'text' | 'json' }) => {
      const { compileManifests, forecastText } = await import('./compile-command.js');
      const { output, exitCode } = compileManifests(options);
      writeFindings(output.findings);
      process.stdout.write(options.output === 'text' ? forecastText(output) : `${JSON.stringify(output, null, 2)}\n`);
      finish(exitCode);
    });
}

function addRun(program: Command, finish: Finish): void {
  program
    .command('run')
    .description('run the gateway')
    .requiredOption('--config <file>', 'configuration (config/acigw.example.yaml explains it)')
    .action(async (options: { config: string }) => {
      const { runCommand } = await import('./run-command.js');
      finish(await runCommand(options));
    });
}

function addAgent(program: Command, finish: Finish): void {
  program
    .command('agent')
    .description('run the host agent of one node: follows its policy in the store and programs Open vSwitch')
    .requiredOption('--node <name>', 'name of the node in Kubernetes')
    .option('--config <file>', 'configuration; clusterId, store and agent matter here')
    .action(async (options: { node: string; config?: string }) => {
      const { agentCommand } = await import('./agent-command.js');
      finish(await agentCommand(options));
    });
}

function addMocks(program: Command, finish: Finish): void {
  program
    .command('apic-mock')
    .description('run an APIC simulator')
    .option('--port <number>', 'port to listen on; 0 takes a free one', portNumber, 0)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addOption(new Option('--http', 'plain HTTP instead of HTTPS with a generated certificate').default(false))
    .option('--tls-cert <file>', 'certificate to serve with (PEM)')
    .option('--tls-key <file>', 'its key (PEM)')
    .option('--ca-out <file>', 'write the CA of the generated certificate there (PEM)')
    .option('--user <name:password>', 'who may log in', 'admin:apic-mock')
    .option('--load <file>', 'tree of managed objects to begin with (an APIC export or answer, JSON or XML)')
    .option('--version <release>', 'release that the controllers say they run')
    .option(
      '--controllers <number>',
      'controllers, each at a port of its own; the first one is announced',
      atLeastOne,
      1,
    )
    .option('--control', 'serve the control plane for tests below /mock, without a password', false)
    .action(async (options: ApicMockArguments) => {
      const { apicMockCommand } = await import('./mock-commands.js');
      finish(await apicMockCommand(options));
    });
  program
    .command('kube-mock')
    .description('run a small Kubernetes API server for trials and tests')
    .option('--port <number>', 'port to listen on; 0 takes a free one', portNumber, 0)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--nodes <number>', 'nodes to begin with', wholeNumber, 3)
    .action(async (options: KubeMockArguments) => {
      const { kubeMockCommand } = await import('./mock-commands.js');
      finish(await kubeMockCommand(options));
    });
}

function addDemo(program: Command, finish: Finish): void {
  program
    .command('demo')
    .description('Kubernetes API server, APIC and gateway in one process, with an application (npm start)')
    .option('--from <place>', 'file or folder of manifests instead of the sample application')
    .option('--config <file>', 'configuration of the fabric; addresses are filled in')
    .option('--once', 'exit once converged', false)
    .option('--timeout <seconds>', 'time in which the fabric must converge', wholeNumber, 60)
    .addOption(
      new Option('--output <form>', 'text for people, json for scripts').choices(['text', 'json']).default('text'),
    )
    .option('--verbose', 'show the logs', false)
    .action(async (options: DemoArguments) => {
      const { demoCommand } = await import('./demo/demo-command.js');
      finish(await demoCommand(options));
    });
}

/** Exit code for an error that ended a command. */
export const exitCodeFor = (code: unknown): number => (code === 'INVALID_INPUT' ? EXIT.badInput : EXIT.failed);

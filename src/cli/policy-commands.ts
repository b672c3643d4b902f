import { type Command, Option } from 'commander';
import type { ExplainArguments } from './explain/explain-command.js';
import type { MatrixArguments } from './matrix/matrix-command.js';
import type { VerifyArguments } from './verify/verify-command.js';

type Ends = readonly [source: string, destination: string, protocolAndPort: string];

/** Adds `explain`, `matrix` and `verify`: the commands that reason about policies and change nothing. */
export function addPolicyCommands(program: Command, finish: (exitCode: number) => void): void {
  addExplain(program, finish);
  addMatrix(program, finish);
  addVerify(program, finish);
}

function addExplain(program: Command, finish: (exitCode: number) => void): void {
  const command = program
    .command('explain')
    .description('say whether a flow is allowed, and by which policies and objects of the fabric; exit code 1: denied')
    .argument('<SRC>', 'namespace/pod, IP address, or Dn of a foreign EPG')
    .argument('<DST>', 'the same')
    .argument('<PROTO/PORT>', 'TCP, UDP or SCTP and the destination port, e.g. TCP/443');
  withApic(withInput(command)).action(
    async (...[source, destination, protocolAndPort, options]: [...Ends, Omit<ExplainArguments, 'source'>]) => {
      const { explainCommand } = await import('./explain/explain-command.js');
      finish(await explainCommand({ ...options, source, destination, protocolAndPort }, process.env));
    },
  );
}

function addMatrix(program: Command, finish: (exitCode: number) => void): void {
  const command = program.command('matrix').description('list who may reach whom, and on which ports');
  withInput(command)
    .addOption(new Option('--by <what>', 'what the rows are').choices(['group', 'pod']).default('group'))
    .action(async (options: MatrixArguments) => {
      const { matrixCommand } = await import('./matrix/matrix-command.js');
      finish(matrixCommand(options));
    });
}

function addVerify(program: Command, finish: (exitCode: number) => void): void {
  const command = program
    .command('verify')
    .description('prove that the fabric means what the policies say, or show a flow where it does not; exit code 1');
  withApic(withInput(command)).action(async (options: VerifyArguments) => {
    const { verifyCommand } = await import('./verify/verify-command.js');
    finish(await verifyCommand(options, process.env));
  });
}

const repeated = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

function withInput(command: Command): Command {
  return command
    .requiredOption('--from <place>', 'file, folder, or - for standard input; may be given several times', repeated)
    .option('--config <file>', 'configuration; clusterId, fabric, fabricPolicies and, for an APIC, apic matter here')
    .option('--ignore-unknown-kinds', 'leave out kinds that Kubernetes does not know without a word', false)
    .addOption(
      new Option('--output <form>', 'text for people, json for scripts').choices(['text', 'json']).default('text'),
    );
}

function withApic(command: Command): Command {
  return command
    .option('--apic <url>', 'ask this APIC what it really holds; may be given several times', repeated)
    .option('--user <name>', 'user of the APIC')
    .option('--password-file <file>', 'file with the password of the user; or ACIGW_APIC_PASSWORD')
    .option('--ca <file>', 'CA of the APIC’s certificate, or the certificate itself (PEM)');
}

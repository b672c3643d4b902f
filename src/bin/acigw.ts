import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { createProgram, EXIT, exitCodeFor } from '#cli';
import { GatewayError, messageOf } from '#errors';

/** Runs the command line and gives the exit code (docs/cli.md). Errors become one line on stderr, never a stack trace. */
export async function main(argv: readonly string[]): Promise<number> {
  process.stdout.on('error', endWithoutOutput);
  process.stderr.on('error', goOnWithoutLog);
  let exitCode: number = EXIT.ok;
  const program = createProgram(packageVersion(), (code) => {
    exitCode = code;
  });
  for (const command of [program, ...program.commands]) command.exitOverride();
  try {
    await program.parseAsync([...argv]);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.badInput;
    process.stderr.write(`acigw: ${messageOf(error)}\n`);
    if (!(error instanceof GatewayError) && process.env['ACIGW_DEBUG'] !== undefined) console.error(error);
    return exitCodeFor(error instanceof GatewayError ? error.code : undefined);
  }
}

/** Whoever reads may have seen enough (`| head`): what is left to say goes nowhere. Else half a result would pass for a whole one. */
function endWithoutOutput(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`acigw: cannot write the output: ${messageOf(error)}\n`);
  process.exit(EXIT.failed);
}

/** There is nobody to tell, and a gateway does its work without its log as well. */
function goOnWithoutLog(): void {}

function packageVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string };
  return version;
}

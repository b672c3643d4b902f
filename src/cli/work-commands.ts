import { type Command, Option } from 'commander';
import { atLeastOne } from './option-values.js';
import type { QueueArguments } from './queue-command.js';
import type { WorkerArguments } from './worker-command.js';

/** Takes the exit code of the command that ran. */
type Finish = (exitCode: number) => void;

/** `worker` and `queue`: work that gateways hand out over Redis. */
export function addWorkCommands(program: Command, finish: Finish): void {
  program
    .command('worker')
    .description('do work that a gateway hands out over Redis: POSTs to the APIC, policies of nodes')
    .requiredOption('--config <file>', 'configuration; clusterId, apic, store and queue.redis as the gateway has them')
    .option('--concurrency <number>', 'pieces of work at a time; without it queue.redis.concurrency', atLeastOne)
    .action(async (options: WorkerArguments) => {
      const { workerCommand } = await import('./worker-command.js');
      finish(await workerCommand(options));
    });
  program
    .command('queue')
    .description(
      'show the work that lies in Redis and what was set aside; `retry KEY` or `retry --all` tries that again',
    )
    .argument('[action]', 'retry')
    .argument('[key]', 'what to try again')
    .requiredOption('--config <file>', 'configuration; clusterId and queue.redis as the gateway has them')
    .option('--all', 'with retry: everything that was set aside', false)
    .addOption(
      new Option('--output <form>', 'text for people, json for scripts').choices(['text', 'json']).default('text'),
    )
    .action(async (action: string | undefined, key: string | undefined, options: QueueArguments) => {
      const { queueCommand } = await import('./queue-command.js');
      const { text, exitCode } = await queueCommand(action, key, options);
      process.stdout.write(text);
      finish(exitCode);
    });
}

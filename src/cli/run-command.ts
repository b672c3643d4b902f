import { inConfiguration, loadConfiguration } from '#config';
import { createLogger } from '#runtime';
import { EXIT } from './exit-codes.js';
import { startGateway } from './gateway-process.js';
import { runReplica } from './replica.js';
import { aborted, stopSignal } from './stop-signal.js';

/**
 * Runs the gateway until stopped; prints `ready <url>` with the URL of its API once that serves. Where the configuration says that
 * one of several leads, it stands by first.
 */
export async function runCommand({ config }: { readonly config: string }): Promise<number> {
  const configuration = loadConfiguration(config);
  const log = createLogger({ level: configuration.log.level, pretty: process.stderr.isTTY });
  const signal = stopSignal();
  const { leaderElection } = configuration;
  const refuse = (error: unknown): never => {
    throw inConfiguration(config, error);
  };
  if (leaderElection !== undefined) {
    return runReplica({ ...configuration, leaderElection }, { log, signal }).catch(refuse);
  }
  const gateway = await startGateway(configuration, log, process.env).catch(refuse);
  process.stdout.write(`ready ${gateway.url}\n`);
  await Promise.race([aborted(signal), gateway.done]);
  await gateway.stop();
  return EXIT.ok;
}

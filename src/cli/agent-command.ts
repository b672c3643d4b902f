import { runAgent } from '#agent';
import { type Configuration, defaultConfiguration, loadConfiguration } from '#config';
import { InvalidInputError } from '#errors';
import { openVswitchBridge } from '#ovs';
import { createLogger, systemClock } from '#runtime';
import { EXIT } from './exit-codes.js';
import { policyStore } from './gateway-process.js';
import { stopSignal } from './stop-signal.js';

/** Arguments of `acigw agent`. */
export interface AgentArguments {
  readonly node: string;
  readonly config?: string;
}

/** Runs the host agent of one node until stopped; prints `ready <node>` once it runs, before it has reached store and switch. */
export async function agentCommand({ node, config }: AgentArguments): Promise<number> {
  const configuration = config === undefined ? defaultConfiguration() : loadConfiguration(config);
  requireSharedStore(configuration);
  const log = createLogger({ level: configuration.log.level, pretty: process.stderr.isTTY });
  const store = policyStore(configuration);
  const { bridge, uplink, database, datapath } = configuration.agent;
  const agent = runAgent({
    node,
    store,
    bridge: openVswitchBridge({ bridge, uplink, database, datapath }),
    clock: systemClock(),
    log,
    signal: stopSignal(),
  });
  process.stdout.write(`ready ${node}\n`);
  try {
    await agent.stopped;
  } finally {
    await store.close();
  }
  return EXIT.ok;
}

/** An agent is a process of its own: a store in memory would never hold anything. */
function requireSharedStore({ store }: Configuration): void {
  if (store.kind === 'memory') {
    throw new InvalidInputError(
      'store.kind: an agent needs a store that the gateway shares; set kind: etcd and endpoints',
    );
  }
}

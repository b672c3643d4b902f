import { run } from './command.js';
import { program, type Requirement, root } from './requirement.js';

/** What namespaces and their wiring need from the machine. */
export const NAMESPACES: readonly Requirement[] = [
  root,
  program('ip', 'Debian package iproute2'),
  program('ethtool', 'Debian package ethtool'),
];

let made = 0;

/** A network namespace of our own. */
export interface NetworkNamespace {
  readonly name: string;
  /** Runs a command inside. */
  exec(command: string, ...args: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

/** Makes a namespace with its loopback up and without IPv6, whose chatter nobody asked for. */
export async function makeNamespace(role: string): Promise<NetworkNamespace> {
  made += 1;
  const name = `acigw-${process.pid}-${made}-${role}`;
  await run('ip', ['netns', 'add', name]);
  const exec = (command: string, ...args: readonly string[]): Promise<string> =>
    run('ip', ['netns', 'exec', name, command, ...args]);
  for (const scope of ['all', 'default']) {
    await exec('sh', '-c', `echo 1 > /proc/sys/net/ipv6/conf/${scope}/disable_ipv6`);
  }
  await exec('ip', 'link', 'set', 'lo', 'up');
  return { name, exec, remove: async () => void (await run('ip', ['netns', 'del', name])) };
}

/** One end of a cable. */
export interface CableEnd {
  readonly namespace: NetworkNamespace;
  readonly device: string;
}

/** Joins two namespaces by a veth pair, both ends up. */
export async function plugCable(a: CableEnd, b: CableEnd): Promise<void> {
  const peer = ['peer', 'name', b.device, 'netns', b.namespace.name];
  await run('ip', ['link', 'add', a.device, 'netns', a.namespace.name, 'type', 'veth', ...peer]);
  for (const { namespace, device } of [a, b]) await namespace.exec('ip', 'link', 'set', device, 'up');
}

/**
 * Turns off what a sender leaves to hardware: the switch in user space takes frames as they are, and a checksum that was
 * never computed is wrong at the receiver. Ping works without this, TCP does not.
 */
export const computeChecksums = ({ namespace, device }: CableEnd): Promise<string> =>
  namespace.exec('ethtool', '-K', device, 'tx', 'off');

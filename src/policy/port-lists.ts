import type { PortView, RuleView } from '#model/kubernetes';
import { type ConnSet, connOf, EVERYTHING, NOTHING, portSet, unionConn } from '#model/net';
import { namedPortKey, type PortList } from './parties.js';

/** Interns lists of ports: a cluster has thousands of rules, and few lists. */
export class PortLists {
  readonly #known = new Map<string, PortList>();

  of(ports: RuleView['ports']): PortList {
    const key = ports === 'any' ? 'any' : ports.map(portKey).join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const fresh = ports === 'any' ? { ports: EVERYTHING, names: [], granted: undefined } : listOf(ports);
    this.#known.set(key, fresh);
    return fresh;
  }
}

const listOf = (ports: readonly PortView[]): PortList => ({
  ports: ports.reduce((all, port) => unionConn(all, numbersOf(port)), NOTHING),
  names: ports.flatMap((port) => (port.kind === 'named' ? [namedPortKey(port)] : [])),
  granted: undefined,
});

const numbersOf = (port: PortView): ConnSet =>
  port.kind === 'range' ? connOf(port.protocol, portSet([[port.from, port.to]])) : NOTHING;

const portKey = (port: PortView): string =>
  port.kind === 'named' ? namedPortKey(port) : `${port.protocol}:${port.from}-${port.to}`;

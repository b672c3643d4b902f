import { allowsConn } from '#model/net';
import type { AdminOpening } from '#model/policy';
import type { ClassFlow } from './approximation.js';

/** What admins have opened by contracts of their own, which the hosts let through as well (finding ADMIN_CONTRACT). */
export class AdminOpened {
  readonly #openings: readonly AdminOpening[];

  constructor(openings: readonly AdminOpening[]) {
    this.#openings = openings;
  }

  /** Whether such a contract opens the flow from one class to the other. Answers to it are no flow of their own. */
  explains({ source, destination, family, protocol, port }: Omit<ClassFlow, 'sourcePort'>): boolean {
    const isOne = (side: string, dn: string | undefined): boolean => side === 'any' || side === dn;
    return this.#openings.some(
      (opening) =>
        isOne(opening.source, source) &&
        isOne(opening.destination, destination) &&
        allowsConn(opening.connections[family === 4 ? 'ipv4' : 'ipv6'], protocol, port),
    );
  }
}

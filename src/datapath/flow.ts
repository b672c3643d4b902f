import { COOKIE_MARK } from './reserved.js';
import type { Table } from './tables.js';

/** One flow before it is text. */
export interface Flow {
  readonly table: Table;
  readonly priority: number;
  /** Terms of the match, e.g. `ip`, `nw_dst=10.0.0.1`; none matches every packet. */
  readonly match: readonly string[];
  /** Actions in order; none drops the packet. */
  readonly actions: readonly string[];
  /** Id of what the flow is about (a group, a permit, a port): the low bits of its cookie, for `dump-flows cookie=…`. */
  readonly about?: number;
}

/** The cookie of a flow: our mark, the table, the object (docs/pipeline.md). */
export function cookieOf({ table, about = 0 }: Pick<Flow, 'table' | 'about'>): string {
  const word = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  return `0x${word(COOKIE_MARK, 4)}${word(table.id, 4)}${word(about, 8)}`;
}

/** The flow in the syntax of `ovs-ofctl` (ovs-actions(7)). */
export function formatFlow(flow: Flow): string {
  const { table, priority, match, actions } = flow;
  const head = [`cookie=${cookieOf(flow)}`, `table=${table.id}`, `priority=${priority}`, ...match];
  return `${head.join(',')},actions=${actions.length === 0 ? 'drop' : actions.join(',')}`;
}

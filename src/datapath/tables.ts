/** One table of the pipeline. */
export interface Table {
  readonly id: number;
  readonly purpose: string;
}

/** The pipeline in order; the gaps are for the modes to come. A packet that matches nothing in a table is dropped. */
export const TABLE = {
  classify: { id: 0, purpose: 'where the packet came in, and what follows from that' },
  portSecurity: { id: 5, purpose: 'a pod sends with its own MAC and address only' },
  arp: { id: 10, purpose: 'ARP is answered here and never flooded' },
  always: { id: 15, purpose: 'what no policy decides: gateway echo, own address, own node; multicast is not carried' },
  source: { id: 20, purpose: 'group of the sender of a packet from the fabric' },
  destination: { id: 30, purpose: 'group of the receiver, and where the packet leaves' },
  track: { id: 40, purpose: 'connection tracking' },
  state: { id: 41, purpose: 'who opened the connection that the packet belongs to' },
  permit: { id: 42, purpose: 'permit of the pair of groups, where it has one of its own' },
  egress: { id: 43, purpose: 'without one: what the opener grants everyone on the way out' },
  egressConnections: { id: 44, purpose: 'protocol and port of the connection against the set that the opener grants' },
  ingress: { id: 45, purpose: 'what the target grants everyone on the way in' },
  connections: { id: 46, purpose: 'protocol and port against the set that the permit allows or the target grants' },
  commit: { id: 50, purpose: 'a new connection is remembered with the id of its permit' },
  output: { id: 60, purpose: 'to the pod, or out of the uplink on the VLAN of the sender' },
} as const satisfies Readonly<Record<string, Table>>;

/** Action: go on in the table. */
export const goTo = (table: Table): string => `goto_table:${table.id}`;

/** Priorities within a table; higher is looked at first. */
export const PRIORITY = {
  /** Decides before everything else in its table, mostly to drop. */
  guard: 400,
  /** A local pod's own address: before every prefix. */
  localAddress: 300,
  /** Prefixes: this plus the prefix length, so that the longest wins. */
  prefix: 200,
  /** An ordinary exact match. */
  exact: 100,
  /** Below exact matches, before what holds otherwise. */
  between: 50,
  /** What holds when nothing above did. */
  otherwise: 10,
} as const;

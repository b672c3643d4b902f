import type { FlatObject, ManagedObject } from '#model/aci';
import type { LearnedEndpoint, SeenEndpoint } from '../endpoints/index.js';
import type { Counters, PlannedFailure, RequestLogEntry } from '../http/index.js';
import type { LoadableTree, LoadedExport } from '../load/index.js';
import type { FlowQuestion, FlowVerdict } from '../zoning/index.js';
import type { FaultPlan } from './fault-plan.js';
import type { Snapshot } from './snapshot.js';

/** What a test can see of a simulated APIC without its REST API. */
export interface ApicViews {
  /** Addresses of the controllers, the first of them `url`, without a trailing slash. */
  readonly urls: readonly string[];
  /** One object with all its properties, or undefined. */
  object(dn: string): FlatObject | undefined;
  /** An object with all below it, or undefined. */
  tree(dn: string): ManagedObject | undefined;
  /** All objects of a class. */
  objects(className: string): readonly FlatObject[];
  /** Number of objects. */
  size(): number;
  /** Whether the leaves let a packet pass, and the rule that decides. Throws `InvalidInputError` for no such side. */
  permits(question: FlowQuestion): FlowVerdict;
  /** What was asked and told since the start, the last reset or the last {@link ApicControl.reset}. */
  counters(): Counters & { readonly events: number; readonly openSubscriptions: number };
  /** The last 10,000 requests, without passwords and tokens. */
  requestLog(): readonly RequestLogEntry[];
  /** Time of the simulator's clock, in milliseconds. */
  now(): number;
}

/** What one transaction made different: Dns by what became of the objects. */
export interface Commit {
  readonly created: readonly string[];
  readonly modified: readonly string[];
  readonly deleted: readonly string[];
}

/** What a test can do to a simulated APIC without its REST API. */
export interface ApicControl {
  /**
   * Changes the fabric from inside: a tree in wire form or of managed objects, `uni` or any part of it (with `dn`, or
   * below `uni`). Operational classes and read-only properties too; events follow. Throws `InvalidInputError`.
   */
  load(tree: LoadableTree): void;
  /**
   * Loads what a real APIC gave out, JSON or XML: an export or an answer, with or without its envelope. Leaves out what
   * the class table does not have, and names it. Throws `InvalidInputError`; then nothing has changed.
   */
  loadExport(text: string): LoadedExport;
  /**
   * An endpoint shows itself on a port: it is learned by the group that has the VLAN there, moves when it is known from
   * elsewhere, and is forgotten after its bridge domain's retention time. Throws `InvalidInputError` that names what is
   * not there: an address, the EPG, the path, or a group that is bound to it.
   */
  learn(seen: SeenEndpoint): LearnedEndpoint;
  /** Forgets an endpoint with all its addresses, or one address of it; gives whether it was known. */
  forget(mac: string, ip?: string): boolean;
  /** Back to the state after start: default objects, no sessions, no faults, counters at zero. The clock goes on. */
  reset(): void;
  /**
   * Calls back after every transaction that changed something, whoever made it, before anything else happens: what a listener
   * sees is the fabric between two transactions. What it throws reaches whoever made the transaction. Ends with the returned
   * function.
   */
  onCommit(listener: (commit: Commit) => void): () => void;
  /** All objects as they are now. */
  snapshot(): Snapshot;
  /** Makes the objects equal to a snapshot again; subscriptions hear of what differs, sessions go on. */
  restore(snapshot: Snapshot): void;
  /** Puts the clock forward: tokens, sessions and subscriptions whose time is over end, timestamps follow. */
  advance(milliseconds: number): void;
  /** Puts faults into force, beside those that are. */
  plan(plan: FaultPlan): void;
  /** Ends all faults that were planned, also those ordered one by one. */
  endFaults(): void;
  /** Lets the next requests fail: `failNext(2, 503)`, or with a method and a part of the URL. */
  failNext(
    times: number,
    status: number,
    only?: Pick<PlannedFailure, 'method' | 'urlContains' | 'code' | 'text'>,
  ): void;
  /** Loses the next pushes: nothing tells the client (there is no replay, apic-protocol.md §5.2). */
  dropEvents(frames: number): void;
  /** Holds every answer back for so long, from now on; 0 ends it. */
  setLatency(milliseconds: number): void;
  /** Cuts all websockets as a failing node does. */
  killSockets(): void;
  /** Ends all sessions: the next request gets `Token timeout`, sockets close. */
  expireTokens(): void;
  /** Ends all subscriptions; sessions and sockets stay. */
  expireSubscriptions(): void;
  /** A controller fails: its connections are cut and nobody listens at its address. The others serve the same objects. */
  failController(index: number): Promise<void>;
  /** A failed controller comes back at its address. */
  recoverController(index: number): Promise<void>;
}

import { randomBytes } from 'node:crypto';
import type { FlatObject, ManagedObject } from '#model/aci';
import { fabricTopology, policyUniverse } from './default-objects/index.js';
import { Sockets, Subscriptions } from './events/index.js';
import { Fabric, timestamp } from './fabric/index.js';
import {
  type ApicParts,
  type Counters,
  newTally,
  type PlannedFailure,
  PlannedFailures,
  RequestLog,
  type RequestLogEntry,
  startServer,
  tlsMaterial,
} from './http/index.js';
import { type LoadableTree, loadTree } from './load-tree.js';
import type { ApicMockOptions } from './options.js';
import { Sessions, type UserCredentials, Users } from './session/index.js';
import type { ObjectStore, StoredObject } from './tree/index.js';
import { askFlow, type FlowQuestion, type FlowVerdict } from './zoning/index.js';

/** A running APIC simulator. */
export interface ApicMock {
  /** Where it is reached, without a trailing slash: `https://127.0.0.1:41234`. */
  readonly url: string;
  /** Who may log in, with their passwords. */
  readonly users: readonly UserCredentials[];
  /** What a client has to trust, in PEM, when the certificate was made at start. */
  readonly caCertificate?: string;
  /**
   * Changes the fabric from inside: a tree in wire form or of managed objects, `uni` or any part of it (with `dn`, or
   * below `uni`). Operational classes and read-only properties too; events follow. Throws `InvalidInputError`.
   */
  load(tree: LoadableTree): void;
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
  /** Back to the state after start: default objects, no sessions, no planned failures, counters at zero. */
  reset(): void;
  counters(): Counters & { readonly events: number; readonly openSubscriptions: number };
  /** The last 10,000 requests, without passwords and tokens. */
  requestLog(): readonly RequestLogEntry[];
  /** Cuts all websockets as a failing node does. */
  killSockets(): void;
  /** Ends all sessions: the next request gets `Token timeout`, sockets close. */
  expireTokens(): void;
  /** Ends all subscriptions; sessions and sockets stay. */
  expireSubscriptions(): void;
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
  /** Cuts everything and stops listening. */
  stop(): Promise<void>;
}

/** How often sessions and subscriptions are looked through for those whose time is over. */
const SWEEP_MILLISECONDS = 200;

/** Starts a simulator. Rejects when the port cannot be had or a certificate file cannot be read. */
export async function startApicMock(options: ApicMockOptions = {}): Promise<ApicMock> {
  const { port = 0, host = '127.0.0.1', tls = { mode: 'generated' } } = options;
  const material = await tlsMaterial(tls, host);
  const users = options.users ?? [{ name: 'admin', password: randomBytes(12).toString('base64url') }];
  const parts = createParts(options, users, material !== undefined);
  const server = await startServer(parts, { host, port, tls: material });
  const sweeper = setInterval(() => {
    parts.sessions.sweep();
    parts.subscriptions.sweep();
    parts.fabric.settle();
  }, SWEEP_MILLISECONDS);
  sweeper.unref();
  return {
    url: server.url,
    users,
    ...(material?.caCertificate === undefined ? {} : { caCertificate: material.caCertificate }),
    ...inspection(parts),
    ...control(parts, () => newFabric(parts, users)),
    stop: async () => {
      clearInterval(sweeper);
      await server.stop();
    },
  };
}

function createParts(options: ApicMockOptions, users: readonly UserCredentials[], secureCookie: boolean): ApicParts {
  const now = options.now ?? Date.now;
  const times = {
    tokenSeconds: options.tokenSeconds ?? 600,
    lifetimeSeconds: options.sessionSeconds ?? 86_400,
    trafficExtends: options.trafficExtendsSession ?? false,
  };
  const sockets = new Sockets();
  const sessions = new Sessions(times, now);
  const subscriptions = new Subscriptions({ sockets, now, defaultSeconds: options.subscriptionSeconds ?? 60 });
  sessions.onEnd((session) => {
    subscriptions.endAll(session);
    sockets.close(session);
  });
  const parts: ApicParts = {
    settings: {
      version: options.version ?? '6.0(9c)',
      times,
      secureCookie,
      maxAnswerObjects: options.maxAnswerObjects ?? 100_000,
    },
    now,
    fabric: new Fabric(now),
    users: new Users(users),
    sessions,
    sockets,
    subscriptions,
    tally: newTally(),
    log: new RequestLog(),
    failures: new PlannedFailures(),
    latencyMilliseconds: 0,
  };
  parts.fabric = newFabric(parts, users);
  return parts;
}

/** A fabric with its default objects, whose further changes are pushed. */
function newFabric(parts: ApicParts, users: readonly UserCredentials[]): Fabric {
  const fabric = new Fabric(parts.now);
  const facts = { version: parts.settings.version, startedAt: timestamp(parts.now()) };
  loadTree(fabric, policyUniverse(users.map((user) => user.name)));
  loadTree(fabric, fabricTopology(facts));
  fabric.onChanges((changes) => parts.subscriptions.publish(changes));
  return fabric;
}

type Inspection = Pick<ApicMock, 'object' | 'tree' | 'objects' | 'size' | 'permits' | 'counters' | 'requestLog'>;

function inspection(parts: ApicParts): Inspection {
  const settled = (): ObjectStore => {
    parts.fabric.settle();
    return parts.fabric.store;
  };
  return {
    object: (dn) => flat(settled().get(dn)),
    tree: (dn) => whole(settled().get(dn)),
    objects: (className) => [...settled().ofClass(className)].map(flatObject),
    size: () => settled().size,
    permits: (question) => {
      parts.fabric.settle();
      return askFlow(parts.fabric.zoning, question);
    },
    counters: () => ({
      ...parts.tally,
      events: parts.subscriptions.framesSent,
      openSubscriptions: parts.subscriptions.count,
    }),
    requestLog: () => parts.log.entries(),
  };
}

type Control = Pick<
  ApicMock,
  'load' | 'reset' | 'killSockets' | 'expireTokens' | 'expireSubscriptions' | 'failNext' | 'dropEvents' | 'setLatency'
>;

function control(parts: ApicParts, freshFabric: () => Fabric): Control {
  return {
    load: (tree) => loadTree(parts.fabric, tree),
    reset: () => {
      parts.sessions.endAll();
      parts.failures.clear();
      parts.latencyMilliseconds = 0;
      parts.subscriptions.framesToDrop = 0;
      parts.log.clear();
      Object.assign(parts.tally, newTally());
      parts.subscriptions.framesSent = 0;
      parts.fabric = freshFabric();
    },
    killSockets: () => parts.sockets.killAll(),
    expireTokens: () => parts.sessions.endAll(),
    expireSubscriptions: () => parts.subscriptions.endAll(),
    failNext: (times, status, only = {}) => parts.failures.add({ times, status, ...only }),
    dropEvents: (frames) => {
      parts.subscriptions.framesToDrop = frames;
    },
    setLatency: (milliseconds) => {
      parts.latencyMilliseconds = milliseconds;
    },
  };
}

const flatObject = ({ className, dn, attributes }: StoredObject): FlatObject => ({ className, dn, attributes });

const flat = (object: StoredObject | undefined): FlatObject | undefined =>
  object === undefined ? undefined : flatObject(object);

const whole = (object: StoredObject | undefined): ManagedObject | undefined =>
  object === undefined ? undefined : managed(object);

const managed = ({ className, attributes, children }: StoredObject): ManagedObject => ({
  className,
  attributes,
  children: [...children.values()].map(managed),
});

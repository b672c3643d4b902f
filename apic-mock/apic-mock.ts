import { randomBytes } from 'node:crypto';
import type { FlatObject, ManagedObject } from '#model/aci';
import {
  type ApicControl,
  type ApicViews,
  type Commit,
  ControlApi,
  Controllers,
  endFaults,
  MockClock,
  planFaults,
  restoreSnapshot,
  takeSnapshot,
} from './control/index.js';
import { computeInventory, fabricPlan, fabricTopology, policyUniverse } from './default-objects/index.js';
import { Sockets, Subscriptions } from './events/index.js';
import { Fabric, timestamp } from './fabric/index.js';
import {
  AcceptedWrites,
  type ApicParts,
  LoginLimit,
  newTally,
  PlannedFailures,
  RequestLog,
  tlsMaterial,
} from './http/index.js';
import { loadExport, loadTree } from './load/index.js';
import type { ApicMockOptions } from './options.js';
import { Sessions, type UserCredentials, Users } from './session/index.js';
import type { Change, ObjectStore, StoredObject } from './tree/index.js';
import { askFlow } from './zoning/index.js';

/** A running APIC simulator. */
export interface ApicMock extends ApicViews, ApicControl {
  /** Where it is reached, without a trailing slash: `https://127.0.0.1:41234`. */
  readonly url: string;
  /** Who may log in, with their passwords. */
  readonly users: readonly UserCredentials[];
  /** What a client has to trust, in PEM, when the certificate was made at start. */
  readonly caCertificate?: string;
  /** Cuts everything and stops listening. */
  stop(): Promise<void>;
}

/** How often sessions and subscriptions are looked through for those whose time is over. */
const SWEEP_MILLISECONDS = 200;

/** Starts a simulator. Rejects when a port cannot be had or a certificate file cannot be read. */
export async function startApicMock(options: ApicMockOptions = {}): Promise<ApicMock> {
  const { port = 0, host = '127.0.0.1', tls = { mode: 'generated' }, controllers: count = 1 } = options;
  const material = await tlsMaterial(tls, host);
  const users = options.users ?? [{ name: 'admin', password: randomBytes(12).toString('base64url') }];
  const clock = new MockClock(options.now ?? Date.now);
  const parts = createParts(options, users, { clock, secureCookie: material !== undefined });
  const controllers = await Controllers.start(parts, { host, port, tls: material }, count);
  const sweeper = setInterval(() => sweep(parts), SWEEP_MILLISECONDS);
  sweeper.unref();
  const mock: ApicMock = {
    url: controllers.urls[0] ?? '',
    urls: controllers.urls,
    users,
    ...(material?.caCertificate === undefined ? {} : { caCertificate: material.caCertificate }),
    ...views(parts),
    ...control(parts, () => newFabric(parts, options, users)),
    ...timeControl(parts, clock),
    ...faultControl(parts),
    failController: (index) => controllers.fail(index),
    recoverController: (index) => controllers.recover(index),
    stop: async () => {
      clearInterval(sweeper);
      await controllers.stopAll();
    },
  };
  if (options.control === true) {
    const api = new ControlApi(mock);
    parts.control = (request) => api.answer(request);
  }
  return mock;
}

/** Ends what is too old by the simulator's clock. */
function sweep(parts: ApicParts): void {
  parts.sessions.sweep();
  parts.subscriptions.sweep();
  parts.fabric.settle();
}

interface Setting {
  readonly clock: MockClock;
  readonly secureCookie: boolean;
}

function createParts(options: ApicMockOptions, users: readonly UserCredentials[], setting: Setting): ApicParts {
  const { secureCookie } = setting;
  const { now } = setting.clock;
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
    users: new Users(users, () => parts.fabric.store, now),
    sessions,
    sockets,
    subscriptions,
    tally: newTally(),
    log: new RequestLog(),
    failures: new PlannedFailures(),
    loginLimit: new LoginLimit(),
    commitListeners: new Set(),
    latencyMilliseconds: 0,
    commitDelayMilliseconds: 0,
    commitDelayClasses: new Set(),
    accepted: new AcceptedWrites(),
    control: undefined,
  };
  parts.fabric = newFabric(parts, options, users);
  return parts;
}

/** A fabric with its default objects, whose further changes are pushed. */
function newFabric(parts: ApicParts, options: ApicMockOptions, users: readonly UserCredentials[]): Fabric {
  const fabric = new Fabric(parts.now);
  const size = { leaves: 2, spines: 1, controllers: options.controllers ?? 1, ...options.topology };
  const plan = fabricPlan(size, parts.settings.version, timestamp(parts.now()));
  const names = users.map((user) => user.name);
  for (const tree of [policyUniverse(names, plan), fabricTopology(plan), computeInventory()]) loadTree(fabric, tree);
  fabric.onChanges((changes) => {
    for (const listener of parts.commitListeners) listener(changes);
  });
  fabric.onChanges((changes) => parts.subscriptions.publish(changes));
  fabric.onChanges((changes) => {
    if (changes.some(isAboutUser)) parts.sessions.endOf(({ name }) => !parts.users.isUsable(name));
  });
  return fabric;
}

/** Sessions of a user who is gone or switched off end with him: expected of an APIC, and not captured. */
const isAboutUser = ({ kind, object }: Change): boolean =>
  kind !== 'created' && (object.className === 'aaaUser' || object.className === 'aaaAppUser');

function views(parts: ApicParts): Omit<ApicViews, 'urls'> {
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
    now: () => parts.now(),
  };
}

const commitOf = (changes: readonly Change[]): Commit => {
  const dnsOf = (kind: Change['kind']): readonly string[] =>
    changes.filter((change) => change.kind === kind).map(({ object }) => object.dn);
  return { created: dnsOf('created'), modified: dnsOf('modified'), deleted: dnsOf('deleted') };
};

type StateControl = Pick<
  ApicControl,
  'load' | 'loadExport' | 'learn' | 'forget' | 'reset' | 'snapshot' | 'restore' | 'onCommit'
>;

function control(parts: ApicParts, freshFabric: () => Fabric): StateControl {
  return {
    load: (tree) => loadTree(parts.fabric, tree),
    loadExport: (text) => loadExport(parts.fabric, text),
    learn: (seen) => parts.fabric.learn(seen),
    forget: (mac, ip) => parts.fabric.forget(mac, ip),
    reset: () => {
      endFaults(parts);
      parts.sessions.endAll();
      parts.log.clear();
      Object.assign(parts.tally, newTally());
      parts.subscriptions.framesSent = 0;
      parts.fabric = freshFabric();
    },
    onCommit: (listener) => {
      const told = (changes: readonly Change[]): void => listener(commitOf(changes));
      parts.commitListeners.add(told);
      return () => void parts.commitListeners.delete(told);
    },
    snapshot: () => takeSnapshot(parts.fabric),
    restore: (snapshot) => restoreSnapshot(parts.fabric, snapshot),
  };
}

type TimeControl = Pick<ApicControl, 'advance' | 'expireTokens' | 'expireSubscriptions'>;

function timeControl(parts: ApicParts, clock: MockClock): TimeControl {
  return {
    advance: (milliseconds) => {
      clock.advance(milliseconds);
      sweep(parts);
    },
    expireTokens: () => parts.sessions.endAll(),
    expireSubscriptions: () => parts.subscriptions.endAll(),
  };
}

type FaultControl = Pick<ApicControl, 'plan' | 'endFaults' | 'failNext' | 'dropEvents' | 'setLatency' | 'killSockets'>;

function faultControl(parts: ApicParts): FaultControl {
  return {
    plan: (plan) => planFaults(parts, plan),
    endFaults: () => endFaults(parts),
    failNext: (times, status, only = {}) => parts.failures.add({ times, status, ...only }),
    dropEvents: (frames) => parts.subscriptions.faults.drop(frames),
    setLatency: (milliseconds) => planFaults(parts, { latencyMilliseconds: milliseconds }),
    killSockets: () => parts.sockets.killAll(),
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

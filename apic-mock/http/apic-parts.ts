import type { Sockets, Subscriptions } from '../events/index.js';
import type { Fabric } from '../fabric/index.js';
import type { Sessions, SessionTimes, Users } from '../session/index.js';
import type { Change } from '../tree/index.js';
import type { AcceptedWrites } from './accepted-writes.js';
import type { ControlHandler } from './control-request.js';
import type { Tally } from './counters.js';
import type { LoginLimit } from './login-limit.js';
import type { PlannedFailures } from './planned-failures.js';
import type { RequestLog } from './request-log.js';

/** Settings that answers depend on. */
export interface ApicSettings {
  readonly version: string;
  readonly times: SessionTimes;
  readonly secureCookie: boolean;
  /** Largest answer before it is `too big` (apic-protocol.md §2.3). */
  readonly maxAnswerObjects: number;
}

/** The parts of one simulated APIC that the routes work with. */
export interface ApicParts {
  readonly settings: ApicSettings;
  readonly now: () => number;
  /** Replaced by a new one on reset. */
  fabric: Fabric;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly sockets: Sockets;
  readonly subscriptions: Subscriptions;
  readonly tally: Tally;
  readonly log: RequestLog;
  readonly failures: PlannedFailures;
  readonly loginLimit: LoginLimit;
  /** Told of what every transaction changed, also by fabrics to come. */
  readonly commitListeners: Set<(changes: readonly Change[]) => void>;
  /** How long every answer of the API is held back. */
  latencyMilliseconds: number;
  /** How much later than its answer a write is done. */
  commitDelayMilliseconds: number;
  /** Only writes that name one of these classes are that late; all writes, when there is none. */
  commitDelayClasses: ReadonlySet<string>;
  readonly accepted: AcceptedWrites;
  /** The control plane below `/mock`, when it is switched on. */
  control: ControlHandler | undefined;
}

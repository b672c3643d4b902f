/**
 * What becomes of drift. `repair`: put back what the gateway wants, and tell. `report`: leave it, and tell. `adopt`: from now
 * on the value of the fabric is what is wanted. `ignore`: leave it, silently.
 */
export const DRIFT_POLICIES = ['report', 'repair', 'adopt', 'ignore'] as const;

export type DriftPolicy = (typeof DRIFT_POLICIES)[number];

/** Stands in a rule for an object of the gateway's that somebody deleted. */
export const DELETED = 'deleted';
/** Stands in a rule for an object that somebody added with the gateway's mark. */
export const ADDED = 'added';

/** What becomes of drift in a field of a class; in both `*` stands for any characters. */
export interface DriftRule {
  /** A class such as `fvAEPg`, or a pattern. */
  readonly class: string;
  /** A property, {@link DELETED}, {@link ADDED}, or a pattern: `*` stands for all of these. */
  readonly field: string;
  readonly policy: DriftPolicy;
}

/** What the admin decided about drift. */
export interface DriftSettings {
  /** The first that fits counts; after them {@link DEFAULT_DRIFT_RULES}. */
  readonly rules: readonly DriftRule[];
  /** Repairs of one field within the window after which the gateway backs off. */
  readonly flips: number;
  /** Milliseconds in which repairs are counted, and for which a repair is shown. */
  readonly windowMs: number;
}

/**
 * What becomes of drift that no rule of the configuration speaks of. Texts are for people: who writes one into the fabric
 * has a reason. Classes of service, and how a bridge domain floods, are often tuned by admins and neither open nor block
 * anything: they are told, and left. Everything else decides who may talk with whom, or where a frame belongs, and is put
 * back: NetworkPolicies are the place to change it.
 */
export const DEFAULT_DRIFT_RULES: readonly DriftRule[] = [
  ...['descr', 'nameAlias', 'ownerKey', 'ownerTag'].map((field) => ({ class: '*', field, policy: 'adopt' }) as const),
  ...['prio', 'qosClass', 'targetDscp'].map((field) => ({ class: '*', field, policy: 'report' }) as const),
  ...['arpFlood', 'unkMacUcastAct', 'multiDstPktAct'].map(
    (field) => ({ class: 'fvBD', field, policy: 'report' }) as const,
  ),
  { class: '*', field: '*', policy: 'repair' },
];

/** Repairs of one field before the gateway backs off. */
export const DEFAULT_DRIFT_FLIPS = 3;
/** Seconds in which they are counted. */
export const DEFAULT_DRIFT_WINDOW_SECONDS = 600;

/** With nothing set. */
export const DEFAULT_DRIFT: DriftSettings = {
  rules: [],
  flips: DEFAULT_DRIFT_FLIPS,
  windowMs: DEFAULT_DRIFT_WINDOW_SECONDS * 1000,
};

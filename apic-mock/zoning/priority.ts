/** Zoning priorities from first to last: the lower wins (policy.md A8). */
const PRIORITIES = [
  'class-eq-filter',
  'class-eq-deny',
  'class-eq-allow',
  'prov-nonshared-to-cons',
  'black_list',
  'fabric_infra',
  'fully_qual',
  'system_incomplete',
  'src_dst_any',
  'shsrc_any_filt_perm',
  'shsrc_any_any_perm',
  'shsrc_any_any_deny',
  'src_any_filter',
  'any_dest_filter',
  'src_any_any',
  'any_dest_any',
  'any_any_filter',
  'grp_src_any_any_deny',
  'grp_any_dest_any_deny',
  'grp_any_any_any_permit',
  'any_any_any',
  'any_vrf_any_deny',
] as const;

/** Name of a zoning priority, as `actrlRule.prio` has it. */
export type Priority = (typeof PRIORITIES)[number];

const RANKS: ReadonlyMap<Priority, number> = new Map(PRIORITIES.map((name, index) => [name, index + 1]));

/** Its place: 1 is asked first. */
export const rankOf = (priority: Priority): number => RANKS.get(priority) ?? PRIORITIES.length + 1;

/** The class that stands for every group of a VRF. */
export const ANY = '0';

/** First of the numbers that groups of one VRF have; below are those that all VRFs share (policy.md A1). */
const FIRST_LOCAL_TAG = 16_386;

/** Whether a number is one that all VRFs share: that of an ESG, or of a group that is a guest in another VRF. */
export const isShared = (tag: string): boolean => tag !== ANY && Number(tag) < FIRST_LOCAL_TAG;

/**
 * Priority of a contract's rule between two classes, for a filter that names something or one that is for everything.
 * Rules between `any` and a shared number have priorities of their own, in both directions (captured rules of a vzAny that
 * consumes from an ESG).
 */
export function pairPriority(source: string, destination: string, isWhole: boolean): Priority {
  if (source !== ANY && destination !== ANY) return isWhole ? 'src_dst_any' : 'fully_qual';
  if (isShared(source) || isShared(destination)) return isWhole ? 'shsrc_any_any_perm' : 'shsrc_any_filt_perm';
  if (source !== ANY) return isWhole ? 'src_any_any' : 'src_any_filter';
  if (destination !== ANY) return isWhole ? 'any_dest_any' : 'any_dest_filter';
  return isWhole ? 'any_any_any' : 'any_any_filter';
}

const OVERRIDES: ReadonlyMap<string, Priority> = new Map([
  ['level1', 'any_any_filter'],
  ['level2', 'src_any_filter'],
  ['level3', 'fully_qual'],
]);

/**
 * What the `priorityOverride` of a filter that denies puts in place of a rule's own priority: the lowest, a medium and the
 * highest level are those of `any` with `any`, of a group with `any` and of two groups (Cisco's contract guide; from
 * memory). Undefined where there is none.
 */
export const overridden = (priorityOverride: string | undefined): Priority | undefined =>
  OVERRIDES.get(priorityOverride ?? '');

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

/** Priority of a contract's rule between two classes, for a filter that names something or one that is for everything. */
export function pairPriority(source: string, destination: string, isWhole: boolean): Priority {
  if (source !== ANY && destination !== ANY) return isWhole ? 'src_dst_any' : 'fully_qual';
  if (source !== ANY) return sourceAnyPriority(source, isWhole);
  if (destination !== ANY) return isWhole ? 'any_dest_any' : 'any_dest_filter';
  return isWhole ? 'any_any_any' : 'any_any_filter';
}

function sourceAnyPriority(source: string, isWhole: boolean): Priority {
  if (Number(source) < FIRST_LOCAL_TAG) return isWhole ? 'shsrc_any_any_perm' : 'shsrc_any_filt_perm';
  return isWhole ? 'src_any_any' : 'src_any_filter';
}

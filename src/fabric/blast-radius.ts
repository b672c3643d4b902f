import { parentDn, splitDn } from '#model/aci';
import type { Change } from './diff.js';
import type { PlanFacts } from './plan-facts.js';

/** Objects of one class that a plan makes, changes and removes; what is below a removed one is counted. */
export interface ClassCounts {
  readonly created: number;
  readonly modified: number;
  readonly deleted: number;
}

/** How much of the fabric a set of changes reaches. */
export interface BlastRadius {
  /** By class, in the order of their names. */
  readonly classes: Readonly<Record<string, ClassCounts>>;
  /** Dns of EPGs and external EPGs that lose something, or whose members move to another VLAN. Sorted. */
  readonly groups: readonly string[];
  /** Dns of contracts that come, change or go. Sorted. */
  readonly contracts: readonly string[];
  /** Objects that go, with all that is below them. */
  readonly deleted: number;
  /** Objects of ours that are there now; 0 where nothing goes, and nobody counted. */
  readonly owned: number;
}

/** Share of our objects that go, 0 to 1. */
export const deletedShare = ({ deleted, owned }: Pick<BlastRadius, 'deleted' | 'owned'>): number =>
  owned === 0 ? 0 : deleted / owned;

/** Counts what changes reach. */
export function blastRadiusOf(changes: Iterable<Change>, facts: PlanFacts): BlastRadius {
  const classes = new Map<string, { created: number; modified: number; deleted: number }>();
  const [groups, contracts, gone] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const count = (className: string, what: keyof ClassCounts): void => {
    const counts = classes.get(className) ?? { created: 0, modified: 0, deleted: 0 };
    counts[what] += 1;
    classes.set(className, counts);
  };
  for (const change of changes) {
    note(groups, groupOf(change));
    note(contracts, contractOf(change));
    if (change.kind === 'delete') {
      for (const object of [change.object, ...facts.below(change.object.dn)]) {
        if (gone.has(object.dn)) continue;
        gone.add(object.dn);
        count(object.className, 'deleted');
      }
    } else count(change.object.className, change.kind === 'create' ? 'created' : 'modified');
  }
  return {
    classes: Object.fromEntries([...classes].sort(([a], [b]) => (a < b ? -1 : 1))),
    groups: [...groups].sort(),
    contracts: [...contracts].sort(),
    deleted: gone.size,
    owned: gone.size === 0 ? 0 : facts.owned(),
  };
}

function note(dns: Set<string>, dn: string | undefined): void {
  if (dn !== undefined) dns.add(dn);
}

const BINDINGS: ReadonlySet<string> = new Set(['infraRsFuncToEpg', 'fvRsPathAtt', 'fvRsNodeAtt']);

/** The group that a change takes something from, or whose VLAN it changes. */
function groupOf({ kind, object }: Change): string | undefined {
  const isMove = kind === 'modify' && BINDINGS.has(object.className);
  if (kind !== 'delete' && !isMove) return undefined;
  if (object.className === 'infraRsFuncToEpg') return object.attributes['tDn'];
  if (isMove) return parentDn(object.dn);
  const steps = splitDn(object.dn);
  return GROUP_STEP.test(steps[3] ?? '') ? steps.slice(0, 4).join('/') : undefined;
}

const GROUP_STEP = /^(epg|instP)-/;

function contractOf({ object }: Change): string | undefined {
  const steps = splitDn(object.dn);
  return steps[2]?.startsWith('brc-') === true ? steps.slice(0, 3).join('/') : undefined;
}

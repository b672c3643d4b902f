import type { PlanChangeView, PlanView, WaitingDeletions } from '#ports';
import { listCell, renderTable } from '../table.js';
import { changeLines } from './change-lines.js';
import { type Paint, painter } from './paint.js';

/** What changes are put together by: the order in which they are made, or who asks for them. */
export type Grouping = 'phase' | 'namespace' | 'object';

/** How a plan is printed for people. */
export interface PlanTextOptions {
  readonly groupBy: Grouping;
  readonly isColoured: boolean;
}

/** A plan for people: what is done, group by group, what waits, and how far it reaches. */
export function planText(plan: PlanView, { groupBy, isColoured }: PlanTextOptions): readonly string[] {
  const paint = painter(isColoured);
  const { counts, waiting, missing, clusterTroubles } = plan;
  const troubles = clusterTroubles.map((trouble) => `Kubernetes: ${trouble}`);
  if (counts.create + counts.modify + counts.delete === 0 && waiting === null && missing.length === 0) {
    const errors = plan.findings.filter(({ severity }) => severity === 'error').length;
    if (errors === 0 && troubles.length === 0) return ['nothing to do: the fabric is as it should be'];
    if (errors === 0) return ['nothing to do for the cluster as it was known last', ...troubles];
    return [
      `nothing to do, and the fabric is not as it should be: ${errors} ${errors === 1 ? 'thing stands' : 'things stand'} in the way`,
      ...troubles,
    ];
  }
  const posts = plan.phases.reduce((sum, phase) => sum + phase.posts, 0);
  const head = `plan ${plan.hash}: ${counts.create} to create, ${counts.modify} to modify, ${counts.delete} to delete, in ${posts} POSTs`;
  const groups = groupsOf(plan, groupBy).flatMap(([title, changes]) => ['', ...section(title, changes, paint)]);
  return [
    paint('bold', head),
    ...groups,
    ...(waiting === null ? [] : ['', ...waitingLines(waiting, paint)]),
    ...missing.map((dn) => `${dn} is not there (own: false): nothing is done below it`),
    ...(troubles.length === 0 ? [] : ['the plan is of the cluster as it was known last', ...troubles]),
    '',
    ...blastLines(plan, paint),
  ];
}

function section(title: string, changes: readonly PlanChangeView[], paint: Paint): readonly string[] {
  return [paint('bold', title), ...changeLines(changes, paint).map((line) => `  ${line}`)];
}

function groupsOf(plan: PlanView, groupBy: Grouping): readonly (readonly [string, readonly PlanChangeView[]])[] {
  if (groupBy === 'phase') {
    return plan.phases.map(({ name, posts, changes }) => [
      `${name} (${posts} ${posts === 1 ? 'POST' : 'POSTs'})`,
      changes,
    ]);
  }
  const groups = new Map<string, PlanChangeView[]>();
  for (const change of plan.phases.flatMap(({ changes }) => changes)) {
    const title = titleOf(change, groupBy);
    const known = groups.get(title);
    if (known === undefined) groups.set(title, [change]);
    else known.push(change);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

const NOBODY = "the gateway's own";

function titleOf({ reason: { sources } }: PlanChangeView, groupBy: 'namespace' | 'object'): string {
  const names = groupBy === 'object' ? sources : [...new Set(sources.map(namespaceOf))].sort();
  const [first] = names;
  if (first === undefined) return NOBODY;
  return names.length === 1 ? first : `${first} and ${names.length - 1} more`;
}

/** Namespace of a source, `Kind/namespace/name` or `Namespace/name`. */
function namespaceOf(source: string): string {
  const [kind = '', first = '', second] = source.split('/');
  if (second !== undefined) return `namespace ${first}`;
  return kind === 'Namespace' ? `namespace ${first}` : 'the whole cluster';
}

function waitingLines({ hash, objects, owned, share, changes }: WaitingDeletions, paint: Paint): readonly string[] {
  const percent = `${Math.round(share * 100)} %`;
  return [
    paint('bold', `waiting for approval: ${objects} of ${owned} objects (${percent}) would go`),
    ...changeLines(changes, paint).map((line) => `  ${line}`),
    `  to let them go: acigw approve ${hash}`,
  ];
}

function blastLines({ blast }: PlanView, paint: Paint): readonly string[] {
  const rows = blast.classes.map(({ class: name, created, modified, deleted }) => [
    name,
    `${created}`,
    `${modified}`,
    `${deleted}`,
  ]);
  const groups = blast.groups.map(({ dn, pods }) => `${dn} (${pods} pods)`);
  return [
    paint('bold', 'reach'),
    ...renderTable(['CLASS', 'CREATED', 'MODIFIED', 'DELETED'], rows).split('\n'),
    `contracts: ${blast.contracts.length}`,
    `groups that lose something or move: ${listCell(groups)}`,
    ...(blast.deleted === 0
      ? []
      : [`deleted: ${blast.deleted} of ${blast.owned} objects (${Math.round(blast.deletedShare * 100)} %)`]),
  ];
}

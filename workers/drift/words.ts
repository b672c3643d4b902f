import type { DriftEffect } from '#fabric';
import type { Finding } from '#model/policy';
import { ADDED, DELETED } from '#model/settings';
import type { ClusterEvent } from '#ports';
import type { DriftItem } from './item.js';

/** Longest message of an Event (`events.k8s.io/v1`, `note`). */
const EVENT_LIMIT = 1024;
/** Objects that one Event names; of more it says how many. */
const NAMED = 3;

/** What somebody did, in words: `descr is 'a', and the gateway wants 'b'`. */
export function deviationText({ field, wanted, found }: Pick<DriftItem, 'field' | 'wanted' | 'found'>): string {
  if (field === DELETED) return 'the object was deleted';
  if (field === ADDED) return 'the object was added with the mark of the gateway, which does not want it';
  return `${field} is '${found}', and the gateway wants '${wanted}'`;
}

/** Who did it: ` (bob, 2026-01-31T10:00:00.000+00:00)`, or nothing where that is not known. */
const authorText = ({ author }: DriftItem): string => (author === undefined ? '' : ` (${author.user}, ${author.at})`);

/** What may be wrong with the traffic while it stands. */
const EFFECTS: Readonly<Record<DriftEffect, string>> = {
  none: '',
  blocks: '. While it stands, the fabric may block what policies allow',
  opens: '. While it stands, the fabric may permit what no policy allows',
  either: '. While it stands, the fabric may block what policies allow or permit what none allows',
};

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** What the gateway does about it. */
function outcomeText({ policy, repairedAt, pausedUntil, field }: DriftItem): string {
  if (pausedUntil !== undefined) return `backing off; it is put back at ${iso(pausedUntil)}`;
  if (repairedAt !== undefined) return 'put back';
  switch (policy) {
    case 'repair':
      return 'it is being put back';
    case 'adopt':
      return field === DELETED || field === ADDED ? 'adopted as it is' : 'adopted as what is wanted';
    default:
      return `left as it is (drift policy ${policy})`;
  }
}

/** The finding of a drift; none for one that is ignored and harms nothing. */
export function driftFinding(item: DriftItem): Finding | undefined {
  const { dn, policy, effect, repairedAt, pausedUntil } = item;
  const stands = repairedAt === undefined;
  if (policy === 'ignore' && effect === 'none') return undefined;
  const harm = stands ? EFFECTS[effect] : '';
  const text = `${deviationText(item)}${authorText(item)}; ${outcomeText(item)}`;
  if (pausedUntil !== undefined) return fightFinding(item, harm);
  const isWarning = stands && (policy === 'report' || (policy !== 'repair' && effect !== 'none'));
  return { code: 'DRIFT', severity: isWarning ? 'warning' : 'info', object: `ACI/${dn}`, message: `${text}${harm}` };
}

function fightFinding(item: DriftItem, harm: string): Finding {
  const { dn, flips, users } = item;
  const who = users.length === 0 ? 'somebody that the audit log does not name' : users.join(', ');
  const message = `${deviationText(item)}: changed again by ${who} after each of ${flips} repairs; ${outcomeText(item)}. Stop what changes it, or leave it to it by a rule of drift.rules${harm}`;
  return { code: 'DRIFT_FIGHT', severity: 'warning', object: `ACI/${dn}`, message };
}

/** The finding of a state that was older than what the gateway had written. */
export const rollbackFinding = (clusterId: string, objects: number, at: number): Finding => ({
  code: 'DRIFT',
  severity: 'info',
  object: `Fabric/${clusterId}`,
  message: `${objects} objects were found at ${iso(at)} in a state that the gateway had written before, as after a rollback of the APIC's configuration; they are brought up to date`,
});

/** Events of new drift: one for a Kubernetes object and what became of it, however many of its objects it touches. */
export function driftEvents(items: readonly DriftItem[]): readonly ClusterEvent[] {
  const bySource = new Map<string, DriftItem[]>();
  for (const item of items.filter(({ policy }) => policy !== 'ignore')) {
    for (const source of item.sources) {
      const key = `${source} ${reasonOf(item)}`;
      bySource.set(key, [...(bySource.get(key) ?? []), item]);
    }
  }
  return [...bySource].flatMap(([key, some]) => {
    const [first] = some;
    return first === undefined ? [] : [eventOf(key.split(' ')[0] ?? '', first, some)];
  });
}

function eventOf(object: string, first: DriftItem, items: readonly DriftItem[]): ClusterEvent {
  const texts = items
    .slice(0, NAMED)
    .map((item) => `${item.dn}: ${deviationText(item)}${authorText(item)}; ${outcomeText(item)}`);
  const more = items.length > NAMED ? [`and ${items.length - NAMED} more`] : [];
  const message = [...texts, ...more].join('. ');
  const reason = reasonOf(first);
  const type = reason === 'DriftReported' || reason === 'DriftFight' ? 'Warning' : 'Normal';
  return {
    object,
    type,
    reason,
    message: message.length <= EVENT_LIMIT ? message : `${message.slice(0, EVENT_LIMIT - 1)}…`,
  };
}

function reasonOf({ policy, pausedUntil }: DriftItem): string {
  if (pausedUntil !== undefined) return 'DriftFight';
  return { repair: 'DriftRepaired', report: 'DriftReported', adopt: 'DriftAdopted', ignore: 'DriftIgnored' }[policy];
}

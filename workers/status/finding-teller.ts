import { type ObjectMap } from '#model/aci';
import type { Finding, FindingCode } from '#model/policy';
import type { Clock, ClusterEvents, Measures } from '#ports';
import type { UpTiming } from '../up-timing.js';
import { dnOf, objectsOf } from './finding-objects.js';

/** What the teller needs. */
export interface FindingTellerContext {
  readonly events: ClusterEvents;
  readonly measures: Measures;
  /** The fabric's objects, whose marks say for whom they were made. */
  readonly fabric: () => ObjectMap;
  /** Objects of the cluster that went since the last call, by their names; undefined stands for any. */
  readonly gone: () => ReadonlySet<string> | undefined;
  readonly timing: Pick<UpTiming, 'tellAfterMs'>;
  readonly clock: Clock;
}

interface Known {
  readonly finding: Finding;
  readonly since: number;
  /** Objects on which it was told; undefined while it was not. */
  readonly toldOn: readonly string[] | undefined;
}

/** What a finding is about: there may be several of one code and object, whose end is told once. */
const subject = ({ code, object }: Finding): string => JSON.stringify([code, object]);

/** Those above `info` are told. */
const isTold = ({ severity }: Finding): boolean => severity !== 'info';

/**
 * Tells findings as Events on the objects that they are about: each once when it comes, and once more when nothing of its
 * code is said of the object any more. An object that was made anew under its name is another one, and is told as well.
 */
export class FindingTeller {
  readonly #context: FindingTellerContext;
  #known = new Map<string, Known>();
  /** What was told of a code and an object and is not over, by both: with the objects that are to be told when it is. */
  readonly #open = new Map<string, { readonly finding: Finding; readonly objects: Set<string> }>();

  constructor(context: FindingTellerContext) {
    this.#context = context;
  }

  /** Takes all findings of now; milliseconds until one has been there for long enough, undefined when none waits. */
  update(findings: readonly Finding[]): number | undefined {
    const now = this.#context.clock.uptime();
    const gone = this.#context.gone();
    const before = this.#known;
    this.#known = new Map();
    let waitMs: number | undefined;
    for (const finding of findings.filter(isTold)) {
      const key = JSON.stringify([finding.code, finding.object, finding.message]);
      const known = before.get(key) ?? { finding, since: now, toldOn: undefined };
      const dueMs = known.since + this.#context.timing.tellAfterMs - now;
      this.#tellOn(
        (known.toldOn ?? []).filter((object) => gone?.has(object) !== false),
        finding,
      );
      const toldOn = known.toldOn ?? (dueMs <= 0 ? this.#tell(finding) : undefined);
      if (toldOn === undefined) waitMs = Math.min(waitMs ?? dueMs, dueMs);
      this.#known.set(key, { ...known, toldOn });
    }
    this.#tellCleared();
    this.#measure(findings);
    return waitMs;
  }

  #tell(finding: Finding): readonly string[] {
    const { measures, fabric } = this.#context;
    const objects = objectsOf(finding, fabric());
    this.#tellOn(objects, finding);
    const open = this.#open.get(subject(finding)) ?? { finding, objects: new Set<string>() };
    for (const object of objects) open.objects.add(object);
    this.#open.set(subject(finding), open);
    measures.add('findings_told_total', { code: finding.code });
    return objects;
  }

  #tellOn(objects: readonly string[], finding: Finding): void {
    const { events } = this.#context;
    const dn = dnOf(finding);
    const message = dn === undefined ? finding.message : `${finding.message} (${dn})`;
    for (const object of objects) events.tell({ object, type: 'Warning', reason: reasonOf(finding.code), message });
  }

  #tellCleared(): void {
    const left = new Set([...this.#known.values()].map(({ finding }) => subject(finding)));
    for (const [key, { finding, objects }] of this.#open) {
      if (left.has(key)) continue;
      this.#open.delete(key);
      const { code } = finding;
      const where = dnOf(finding) === undefined ? '' : ` (${dnOf(finding) ?? ''})`;
      for (const object of objects) {
        const message = `${code} is over${where}`;
        this.#context.events.tell({ object, type: 'Normal', reason: `${reasonOf(code)}Cleared`, message });
      }
      this.#context.measures.add('findings_cleared_total', { code });
    }
  }

  #measure(findings: readonly Finding[]): void {
    const counts = new Map<FindingCode, number>();
    for (const { code } of findings) counts.set(code, (counts.get(code) ?? 0) + 1);
    const values = [...counts].map(([code, value]) => ({ labels: { code }, value }));
    this.#context.measures.replace('findings', values);
  }
}

/** The code as the reason of an event or a condition: `INVALID_PORT` → `InvalidPort`. */
export const reasonOf = (code: FindingCode): string =>
  code
    .toLowerCase()
    .split('_')
    .map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`)
    .join('');

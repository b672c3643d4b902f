import type { Clock, TakenWork, WorkContents, WorkReport, WorkState } from '#ports';
import { Bell } from '#runtime';

interface Claim {
  readonly revision: number;
  readonly worker: string;
  readonly until: number;
}

interface Reported {
  readonly revision: number;
  readonly report: WorkReport;
}

/** Contents of delegated work within this process, for a caller and workers that share it. */
export function memoryContents({ clock, leaseMs }: { readonly clock: Clock; readonly leaseMs: number }): WorkContents {
  return new MemoryContents(clock, leaseMs);
}

class MemoryContents implements WorkContents {
  readonly leaseMs: number;
  readonly #clock: Clock;
  readonly #contents = new Map<string, { readonly revision: number; readonly content: string }>();
  /** Runs that may be at a key. */
  readonly #claims = new Map<string, readonly Claim[]>();
  readonly #reports = new Map<string, Reported>();
  readonly #wishes = new Set<string>();
  readonly #bell = new Bell();

  constructor(clock: Clock, leaseMs: number) {
    this.#clock = clock;
    this.leaseMs = leaseMs;
  }

  takeOver(): Promise<number> {
    this.#contents.clear();
    this.#reports.clear();
    return Promise.resolve(Math.max(0, ...[...this.#claims.keys()].map((key) => this.#leftMs(key))));
  }

  put(key: string, content: string, revision: number): Promise<void> {
    if ((this.#contents.get(key)?.revision ?? 0) <= revision) {
      this.#contents.set(key, { revision, content });
      this.#reports.delete(key);
    }
    return Promise.resolve();
  }

  states(revisions: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, WorkState>> {
    return Promise.resolve(
      new Map([...revisions].map(([key, revision]) => [key, this.#stateOf(key, revision)] as const)),
    );
  }

  withdraw(key: string, revision: number): Promise<number> {
    if (this.#contents.get(key)?.revision === revision) this.#contents.delete(key);
    if (this.#reports.get(key)?.revision === revision) this.#reports.delete(key);
    return Promise.resolve(this.#leftMs(key));
  }

  changed(timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#bell.wait(timeoutMs, signal);
  }

  wishes(): Promise<readonly string[]> {
    const keys = [...this.#wishes];
    this.#wishes.clear();
    return Promise.resolve(keys);
  }

  wish(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#wishes.add(key);
    this.#bell.ring();
    return Promise.resolve();
  }

  take(key: string, worker: string): Promise<TakenWork> {
    const wanted = this.#contents.get(key);
    if (wanted === undefined) return Promise.resolve({ kind: 'nothing' });
    const leftMs = this.#leftMs(key, wanted.revision);
    if (leftMs > 0) return Promise.resolve({ kind: 'busy', forMs: leftMs });
    const claim = { revision: wanted.revision, worker, until: this.#clock.uptime() + this.leaseMs };
    this.#claims.set(key, [...this.#live(key), claim]);
    return Promise.resolve({ kind: 'work', ...wanted });
  }

  report(
    key: string,
    { worker, revision }: { readonly worker: string; readonly revision: number },
    report: WorkReport,
  ): Promise<void> {
    this.#claims.set(
      key,
      this.#live(key).filter((claim) => claim.worker !== worker),
    );
    this.#bell.ring();
    if (this.#contents.get(key)?.revision !== revision) return Promise.resolve();
    if (report.kind !== 'failing') this.#contents.delete(key);
    this.#reports.set(key, { revision, report: this.#counted(key, revision, report) });
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** A further failed try of the same content counts on. */
  #counted(key: string, revision: number, report: WorkReport): WorkReport {
    const last = this.#reports.get(key);
    if (report.kind !== 'failing' || last?.revision !== revision || last.report.kind !== 'failing') return report;
    return { ...report, tries: report.tries + last.report.tries };
  }

  #live(key: string): readonly Claim[] {
    return (this.#claims.get(key) ?? []).filter(({ until }) => until > this.#clock.uptime());
  }

  /** The longest that some run may be at a key, but for runs at the content of the revision. */
  #leftMs(key: string, same?: number): number {
    const others = this.#live(key).filter(({ revision }) => revision !== same);
    return Math.max(0, ...others.map(({ until }) => until - this.#clock.uptime()));
  }

  #stateOf(key: string, revision: number): WorkState {
    const reported = this.#reports.get(key);
    if (reported?.revision === revision) return reported.report;
    return { kind: this.#contents.get(key)?.revision === revision ? 'pending' : 'lost' };
  }
}

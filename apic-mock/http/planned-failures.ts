import { ApicError } from '../apic-error.js';
import { NginxRefusal } from './html-pages.js';

/** Which requests are to fail, and how. */
export interface PlannedFailure {
  /** How many requests. */
  readonly times: number;
  readonly status: number;
  /** Only requests with this method. */
  readonly method?: string;
  /** Only requests whose URL contains this text. */
  readonly urlContains?: string;
  readonly code?: number;
  readonly text?: string;
  /** Answer with nginx's page and not with an error of the API. */
  readonly html?: boolean;
}

/** What an APIC says under load, by HTTP status (apic-protocol.md §2.3, §4). */
const TEXTS: ReadonlyMap<number, string> = new Map([
  [403, 'Token was invalid (Error: Token timeout)'],
  [503, 'Unable to deliver the message, Resolve timeout from (type/num/svc/shard) = apic:1:7:1'],
]);

/** Failures that a test has ordered. */
export class PlannedFailures {
  #emptyAnswers = 0;
  #plan: { readonly failure: PlannedFailure; left: number }[] = [];

  add(failure: PlannedFailure): void {
    this.#plan.push({ failure, left: failure.times });
  }

  /** Lets so many of the next queries count what they found and show nothing, as a busy APIC may (§2.2). */
  addEmptyAnswers(answers: number): void {
    this.#emptyAnswers += answers;
  }

  /** Whether the query that was just answered is one of those. */
  takeEmptyAnswer(): boolean {
    if (this.#emptyAnswers === 0) return false;
    this.#emptyAnswers -= 1;
    return true;
  }

  clear(): void {
    this.#emptyAnswers = 0;
    this.#plan = [];
  }

  /** Throws the first planned failure that fits the request, once for each time it was ordered. */
  check(method: string, url: string): void {
    const entry = this.#plan.find(({ failure, left }) => left > 0 && fits(failure, method, url));
    if (entry === undefined) return;
    entry.left -= 1;
    const { status, code = status, text = TEXTS.get(status) ?? 'Request failed', html = false } = entry.failure;
    this.#plan = this.#plan.filter(({ left }) => left > 0);
    if (html) throw new NginxRefusal(status);
    throw new ApicError(status, code, text);
  }
}

const fits = (failure: PlannedFailure, method: string, url: string): boolean =>
  (failure.method ?? method) === method && url.includes(failure.urlContains ?? '');

import type { Disposition } from '#errors';

/** Why a piece of work failed, as it travels between processes. */
export interface WorkFailure {
  readonly code: string;
  readonly message: string;
  readonly disposition: Disposition;
  /** For `wait`: milliseconds until the next try makes sense. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * What became of a content. `done` and `failed` are final: its caller decides what follows. `failing` says why the last
 * try failed, while it is tried further.
 */
export type WorkReport =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly failure: WorkFailure }
  | { readonly kind: 'failing'; readonly failure: WorkFailure; readonly tries: number };

/** What a worker gets for a key. */
export type TakenWork =
  | { readonly kind: 'work'; readonly content: string; readonly revision: number }
  /** Nobody wants anything under this key any more. */
  | { readonly kind: 'nothing' }
  /** Another worker may still be at an older content: the newer one waits for it, at most for this time. */
  | { readonly kind: 'busy'; readonly forMs: number };

/** What the caller of work knows of a key. */
export type WorkState =
  | WorkReport
  /** The content is there, and nobody has reported on it. */
  | { readonly kind: 'pending' }
  /** Neither content nor report: the store was emptied. */
  | { readonly kind: 'lost' };

/**
 * The caller's side: one process, which knows the truth and can say it again at any time. A new caller takes over from the
 * one before, and what that one wanted is void.
 */
export interface WorkCaller {
  /** Takes over. Everything that was put before is gone. Gives the milliseconds for which workers may still be at old work. */
  takeOver(): Promise<number>;
  /**
   * Puts a content in the place of any older one; the caller's revisions rise. A content that is older than the one there
   * changes nothing. Rejects once another has taken over.
   */
  put(key: string, content: string, revision: number): Promise<void>;
  /** What became of the contents of these revisions, by key. */
  states(revisions: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, WorkState>>;
  /**
   * Takes a content back, with its report. Gives the milliseconds for which a worker may still be at the key, 0 when none is;
   * can be asked again. When the store has lost what it knew, it says the longest that there can be.
   */
  withdraw(key: string, revision: number): Promise<number>;
  /** Resolves when something was reported or wished for since the last call, or after the time. */
  changed(timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** Keys that somebody wishes to be put again ({@link WorkWishes}), each told once. */
  wishes(): Promise<readonly string[]>;
}

/** The worker's side. */
export interface WorkTaker {
  /** Takes the content of a key for at most {@link WorkContents.leaseMs}. `worker` names this very run, and no other. */
  take(key: string, worker: string): Promise<TakenWork>;
  /** Tells what became of it, and gives it back. Ignored when the content is another by now. */
  report(key: string, taken: { readonly worker: string; readonly revision: number }, report: WorkReport): Promise<void>;
}

/** For people who want something tried again: the caller is told. */
export interface WorkWishes {
  wish(keys: readonly string[]): Promise<void>;
}

/**
 * Contents of delegated work, by key, beside the queue that carries the keys. The latest content of a key wins. It is no
 * place of truth: when it is emptied, the caller puts again what it still wants.
 */
export interface WorkContents extends WorkCaller, WorkTaker, WorkWishes {
  /** Milliseconds after which whoever took a content must have stopped working on it. */
  readonly leaseMs: number;
  close(): Promise<void>;
}

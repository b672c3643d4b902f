import { ApicError } from '../apic-error.js';
import type { Actor } from '../fabric/index.js';
import type { Change, Transaction } from '../tree/index.js';
import { checkChanges } from '../write/index.js';
import type { ApicParts } from './apic-parts.js';

/** A write that is ready to be done. */
export interface PreparedWrite {
  readonly actor: Actor;
  readonly write: (transaction: Transaction) => void;
  /** Classes of the objects that the request names: asked for only when they matter. */
  readonly classes: () => readonly string[];
}

/**
 * Commits a write at once, or, when a test wants it otherwise, accepts it with 202, or answers for it now and does it
 * later: a busy APIC says 200 before other requests see the change (apic-protocol.md §2.2, §3.3). Throws what the write
 * throws.
 */
export function commitWrite(parts: ApicParts, prepared: PreparedWrite): readonly Change[] {
  const { fabric, accepted } = parts;
  const { actor, write } = prepared;
  const context = { store: fabric.store, release: parts.settings.version };
  const check = (changed: readonly Change[]): void => checkChanges(changed, context);
  const commit = (): readonly Change[] => fabric.commit(actor, write, check);
  const later = (): void => {
    if (parts.fabric === fabric) commit();
  };
  if (accepted.isOrdered) throw accepted.accept(later);
  if (!isSlow(parts, prepared.classes)) return commit();
  const changes = fabric.rehearse(actor, write, check);
  setTimeout(() => commitLate(later), parts.commitDelayMilliseconds).unref();
  return changes;
}

/** Whether the write is to be seen later than it is answered: all are, or those of certain classes. */
function isSlow({ commitDelayMilliseconds, commitDelayClasses }: ApicParts, classes: () => readonly string[]): boolean {
  if (commitDelayMilliseconds === 0) return false;
  return commitDelayClasses.size === 0 || classes().some((name) => commitDelayClasses.has(name));
}

/** What another write has made impossible meanwhile is lost: its client has its answer already. */
function commitLate(commit: () => void): void {
  try {
    commit();
  } catch (error) {
    if (!(error instanceof ApicError)) throw error;
  }
}

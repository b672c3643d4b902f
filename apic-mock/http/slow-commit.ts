import { ApicError } from '../apic-error.js';
import type { Actor } from '../fabric/index.js';
import type { Change, Transaction } from '../tree/index.js';
import { checkChanges } from '../write/index.js';
import type { ApicParts } from './apic-parts.js';

/**
 * Commits a write at once, or, when a test wants slow commits, answers for it now and does it later: a busy APIC says
 * 200 before other requests see the change (apic-protocol.md §2.2). Throws what the write throws.
 */
export function commitWrite(
  parts: ApicParts,
  actor: Actor,
  write: (transaction: Transaction) => void,
): readonly Change[] {
  const { fabric } = parts;
  const context = { store: fabric.store, release: parts.settings.version };
  const check = (changed: readonly Change[]): void => checkChanges(changed, context);
  if (parts.commitDelayMilliseconds === 0) return fabric.commit(actor, write, check);
  const changes = fabric.rehearse(actor, write, check);
  const timer = setTimeout(() => {
    if (parts.fabric === fabric) commitLate(() => fabric.commit(actor, write, check));
  }, parts.commitDelayMilliseconds);
  timer.unref();
  return changes;
}

/** What another write has made impossible meanwhile is lost: its client has its answer already. */
function commitLate(commit: () => void): void {
  try {
    commit();
  } catch (error) {
    if (!(error instanceof ApicError)) throw error;
  }
}

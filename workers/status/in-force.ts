import type { ApplyWorker } from '../apply-worker.js';
import type { ClusterMirror } from '../cluster-mirror.js';
import type { CompileWorker } from '../compile-worker.js';
import type { PublishWorker } from '../publish-worker.js';

/** Where {@link InForce} looks. */
export interface InForceContext {
  readonly cluster: Pick<ClusterMirror, 'revision'>;
  readonly compiler: Pick<CompileWorker, 'desired'>;
  readonly applier: Pick<ApplyWorker, 'settled' | 'missing'>;
  readonly publisher: Pick<PublishWorker, 'puts' | 'isToldSince'>;
  /** Names of the policies that the cluster has now. */
  readonly policies: () => ReadonlySet<string>;
}

/** What was there when it was begun to look, and what of it is still to come. */
interface Round {
  readonly revision: number;
  readonly policies: ReadonlySet<string>;
  /** Puts into the policy store by when all of it was compiled; undefined before that. */
  puts: number | undefined;
}

/**
 * Finds out which policies are in force: those that were there when it was asked first, once all of then was compiled, is in the fabric
 * and was told to the hosts. Each host counts by itself: while something changes every second there may be no moment at which all of
 * them know the newest of it.
 */
export class InForce {
  readonly #context: InForceContext;
  #round: Round | undefined;

  constructor(context: InForceContext) {
    this.#context = context;
  }

  /** Policies that are in force; undefined while that is still to come. To be asked again and again. */
  look(): ReadonlySet<string> | undefined {
    const { cluster, compiler, applier, publisher, policies } = this.#context;
    this.#round ??= { revision: cluster.revision, policies: policies(), puts: undefined };
    const round = this.#round;
    if ((compiler.desired?.revision ?? -1) < round.revision) return undefined;
    round.puts ??= publisher.puts;
    // Below what an admin should have made nothing is in force, though there is nothing left to do.
    if (!applier.settled || applier.missing.length > 0 || !publisher.isToldSince(round.puts)) return undefined;
    this.#round = undefined;
    return round.policies;
  }
}

import { numberAt, textAt } from '#model/kubernetes';
import { type Lease, type LeaseStore, type StoredLease, WRITE_ERRORS } from '#ports';
import { connectTo } from './connect.js';
import { KubernetesStatusError, KubernetesWriteError } from './errors.js';
import type { ClusterTarget } from './target.js';
import type { KubernetesTransport } from './transport.js';

/** Where the lease is. */
export interface LeasePlace {
  readonly namespace: string;
  readonly name: string;
  /** Milliseconds after which a request is given up: well below the life of the lease. */
  readonly timeoutMs: number;
}

/** Keeps a lease as a `Lease` of coordination.k8s.io/v1, over connections of its own. */
export const kubernetesLease = (target: ClusterTarget, place: LeasePlace): LeaseStore =>
  new KubernetesLease(connectTo(target), place);

class KubernetesLease implements LeaseStore {
  readonly #transport: KubernetesTransport;
  readonly #place: LeasePlace;

  constructor(transport: KubernetesTransport, place: LeasePlace) {
    this.#transport = transport;
    this.#place = place;
  }

  async read(signal: AbortSignal): Promise<StoredLease | undefined> {
    try {
      const { name, timeoutMs } = this.#place;
      return leaseIn(JSON.parse(await this.#transport.text(`${this.#collection}/${name}`, timeoutMs, signal)));
    } catch (error) {
      if (error instanceof KubernetesStatusError && error.status === 404) return undefined;
      throw error;
    }
  }

  async put(lease: Lease, instead: StoredLease | undefined, signal: AbortSignal): Promise<boolean> {
    const { namespace, name, timeoutMs } = this.#place;
    const body = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace, name, ...(instead === undefined ? {} : { resourceVersion: instead.version }) },
      spec: specOf(lease),
    };
    // A merge: labels and annotations of others stay.
    const request =
      instead === undefined
        ? { method: 'POST' as const, path: this.#collection }
        : {
            method: 'PATCH' as const,
            path: `${this.#collection}/${name}`,
            contentType: 'application/merge-patch+json',
          };
    try {
      await this.#transport.write({ ...request, body, timeoutMs }, signal);
      return true;
    } catch (error) {
      if (error instanceof KubernetesWriteError && error.code === WRITE_ERRORS.conflict) return false;
      throw error;
    }
  }

  close(): void {
    this.#transport.close();
  }

  get #collection(): string {
    return `/apis/coordination.k8s.io/v1/namespaces/${this.#place.namespace}/leases`;
  }
}

/** Times are of the type MicroTime: with six digits after the second. */
const microTime = (time: number): string => new Date(time).toISOString().replace('Z', '000Z');

const specOf = ({ holder, seconds, acquiredAt, renewedAt, transitions }: Lease): object => ({
  holderIdentity: holder,
  leaseDurationSeconds: seconds,
  acquireTime: microTime(acquiredAt),
  renewTime: microTime(renewedAt),
  leaseTransitions: transitions,
});

/** A lease that somebody wrote by hand may lack anything. */
function leaseIn(object: unknown): StoredLease {
  const time = (field: string): number => Date.parse(textAt(object, 'spec', field) ?? '') || 0;
  return {
    version: textAt(object, 'metadata', 'resourceVersion') ?? '',
    holder: textAt(object, 'spec', 'holderIdentity') ?? '',
    seconds: numberAt(object, 'spec', 'leaseDurationSeconds') ?? 0,
    acquiredAt: time('acquireTime'),
    renewedAt: time('renewTime'),
    transitions: numberAt(object, 'spec', 'leaseTransitions') ?? 0,
  };
}

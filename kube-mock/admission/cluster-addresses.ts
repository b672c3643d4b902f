import { fieldAt, fieldsAt, type KubernetesObject, textAt } from '#model/kubernetes';

/** Hands out the cluster IPs of Services from 10.96.0.0/16, in order, never one that is held. */
export class ClusterAddresses {
  readonly #held = new Set<string>();
  #next = 10;

  /** The Service with its `clusterIP` and `clusterIPs`; as it is when headless, external or already addressed. */
  addressed(service: KubernetesObject, before?: KubernetesObject): KubernetesObject {
    const kept = textAt(before, 'spec', 'clusterIP');
    const asked = textAt(service, 'spec', 'clusterIP') ?? '';
    if (fieldAt(service, 'spec', 'type') === 'ExternalName') return service;
    const address = asked === '' ? (kept ?? this.#free()) : asked;
    this.#held.add(address);
    return {
      ...service,
      spec: {
        ...fieldsAt(service, 'spec'),
        clusterIP: address,
        clusterIPs: [address],
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
      },
    };
  }

  /** Takes back the address of a Service that was deleted. */
  release(service: KubernetesObject): void {
    this.#held.delete(textAt(service, 'spec', 'clusterIP') ?? '');
  }

  #free(): string {
    for (;;) {
      const address = `10.96.${Math.floor(this.#next / 256) % 256}.${this.#next % 256}`;
      this.#next += 1;
      if (!this.#held.has(address) && this.#next % 256 > 1) return address;
    }
  }
}

import type { ApicMock } from '#apic-mock';
import { FabricEvaluator, openingPacket, replyPacket } from '#fabric';
import { canonicalMap, flatten, type ManagedObject, type ObjectMap } from '#model/aci';
import type { NodePolicy } from '#model/node';
import type { KeptFlow } from './kept-flows.js';

/** The fabric as it is at one moment, and where the hosts put their pods. */
export class Wire {
  readonly #evaluator: FabricEvaluator;
  /** Dn of the EPG by its VLAN at the AEP. */
  readonly #epgs = new Map<number, string>();
  /** VLAN of each pod. */
  readonly #vlans = new Map<string, number>();

  constructor(objects: ObjectMap, policies: Iterable<NodePolicy>) {
    this.#evaluator = new FabricEvaluator(objects.values());
    for (const { className, attributes } of objects.values()) {
      const vlan = /^vlan-(\d+)$/.exec(attributes['encap'] ?? '')?.[1];
      if (className === 'infraRsFuncToEpg' && vlan !== undefined) this.#epgs.set(Number(vlan), attributes['tDn'] ?? '');
    }
    for (const { endpoints } of policies) {
      for (const { pod, vlan } of endpoints) if (vlan !== undefined) this.#vlans.set(pod, vlan);
    }
  }

  /** Whether the hosts know the pod. */
  has(pod: string): boolean {
    return this.#vlans.has(pod);
  }

  /** EPG that the frames of the pod come into; undefined for a VLAN that leads nowhere. */
  epgOf(pod: string): string | undefined {
    return this.#epgs.get(this.#vlans.get(pod) ?? 0);
  }

  /** Whether the fabric lets the connection be opened, and its answers back. */
  passes({ source, destination, port }: KeptFlow): boolean {
    const [from, to] = [this.epgOf(source), this.epgOf(destination)];
    if (from === undefined || to === undefined) return false;
    const opening = openingPacket(4, 6, port);
    return (
      this.#evaluator.verdict(from, to, opening).permitted &&
      this.#evaluator.verdict(to, from, replyPacket(opening)).permitted
    );
  }

  /** Whether the fabric lets the connection be opened. */
  opens({ source, destination, port }: KeptFlow): boolean {
    const [from, to] = [this.epgOf(source), this.epgOf(destination)];
    return (
      from !== undefined && to !== undefined && this.#evaluator.verdict(from, to, openingPacket(4, 6, port)).permitted
    );
  }
}

/** The part of the fabric that traffic of a tenant depends on; its VRF and contracts may be in `common`. */
export function fabricObjects(apic: ApicMock, tenant: string): ObjectMap {
  const tree = (dn: string, parent: string) => {
    const object: ManagedObject | undefined = apic.tree(dn);
    return object === undefined ? [] : flatten(object, parent);
  };
  return canonicalMap(['uni/infra', 'uni/tn-common', `uni/tn-${tenant}`].flatMap((dn) => tree(dn, 'uni')));
}

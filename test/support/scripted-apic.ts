import { GatewayError } from '#errors';
import { type FlatObject, flatten, type ManagedObject, parentDn } from '#model/aci';
import type { ApicPort } from '#ports';

/** An APIC that takes everything but trees in which `refuses` holds for an object; it counts posts. */
export class ScriptedApic implements Pick<ApicPort, 'post'> {
  posts = 0;
  readonly taken: FlatObject[] = [];
  failure: GatewayError | undefined;
  refuses: (object: FlatObject) => boolean = () => false;
  /** Called with the number of each POST before it is answered. */
  onPost: (number: number) => void = () => undefined;

  post(dn: string, tree: ManagedObject): Promise<void> {
    this.posts += 1;
    this.onPost(this.posts);
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const objects = flatten(tree, parentDn(dn) ?? '');
    const bad = objects.find((object) => this.refuses(object) && Object.keys(object.attributes).length > 1);
    if (bad !== undefined) {
      return Promise.reject(new GatewayError('APIC_REJECTED', `apic rejected ${bad.dn}: no`, { disposition: 'park' }));
    }
    this.taken.push(...objects);
    return Promise.resolve();
  }
}

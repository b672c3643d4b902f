import { ApicError } from '../apic-error.js';
import { type Change, childOfClass, type ObjectStore, type StoredObject } from '../tree/index.js';

/**
 * A node has one router id in a VRF, whichever L3Outs of it stand there: code 1 for a second one
 * (netascode/terraform-aci-nac-aci#258). Looks at the node profiles of the VRF's L3Outs only.
 */
export function routerIdConflict(change: Change, { store }: { readonly store: ObjectStore }): ApicError | undefined {
  if (change.kind === 'deleted') return undefined;
  const { object } = change;
  const vrf = store.get(vrfOf(object.parent?.parent) ?? '');
  const own = routerId(object);
  if (vrf === undefined || own === undefined) return undefined;
  for (const other of sameNodeIn(vrf, object, store)) {
    const theirs = routerId(other);
    if (theirs !== undefined && theirs !== own) return conflict(vrf, object, [theirs, own]);
  }
  return undefined;
}

const routerId = ({ attributes: { rtrId = '' } }: StoredObject): string | undefined =>
  rtrId === '' || rtrId === '0.0.0.0' ? undefined : rtrId;

const vrfOf = (out: StoredObject | undefined): string | undefined =>
  out === undefined ? undefined : childOfClass(out, 'l3extRsEctx')?.attributes.tDn;

function* sameNodeIn(vrf: StoredObject, node: StoredObject, store: ObjectStore): Generator<StoredObject> {
  for (const { className, attributes } of vrf.children.values()) {
    if (className !== 'fvRtEctx') continue;
    for (const profile of store.get(attributes.tDn ?? '')?.children.values() ?? []) {
      const other = profile.className === 'l3extLNodeP' ? profile.children.get(node.rn) : undefined;
      if (other !== undefined && other !== node) yield other;
    }
  }
}

const conflict = (vrf: StoredObject, node: StoredObject, ids: readonly string[]): ApicError =>
  new ApicError(
    400,
    1,
    `Invalid Configuration - VRF Validation failed for VRF = ${vrf.dn}: Different RouterId exists for node in ${node.dn}; ` +
      `conflicting router ids are: ${ids.join(' and ')} If this was an attempt to modify, consider deletion followed by addition`,
  );

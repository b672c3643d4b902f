import { batchOf, type Change, hasAncestorIn } from '#fabric';
import { toWire, type WireObject } from '#model/aci';
import type { PlanChangeView, PlanView } from '#ports';

/**
 * All changes of a plan as one tree below `polUni`, as a POST to `/api/mo/uni.json` and a pre-change analysis take it: with
 * `status` on every object that changes, none on the steps to it. Deletions that wait for approval are in it.
 */
export function apicDocument({ phases, waiting }: PlanView): WireObject {
  const views = [...phases.flatMap(({ changes }) => changes), ...(waiting?.changes ?? [])];
  const gone = new Set(views.filter(({ change }) => change === 'delete').map(({ dn }) => dn));
  const changes = views.filter(({ dn }) => !hasAncestorIn(gone, dn)).map(changeOf);
  return toWire(batchOf('uni', changes).tree);
}

/** The change with its status among what is written. */
function changeOf({ change, class: className, dn, set }: PlanChangeView): Change {
  if (change === 'delete') return { kind: 'delete', object: { className, dn, attributes: {} } };
  const attributes = { ...set, status: change === 'create' ? 'created,modified' : 'modified' };
  return { kind: 'create', object: { className, dn, attributes }, fields: Object.keys(attributes) };
}

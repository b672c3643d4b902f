import { type Batch, planFabric, withOwnerMarks } from '#fabric';
import { mirrorScopes } from '#mappers';
import { canonicalMap, type FlatObject } from '#model/aci';
import { DEFAULT_APPLY_SETTINGS, type FabricSettings } from '#model/settings';
import type { ApicPort } from '#ports';

/** What a removal would take away, or took. */
export interface Removal {
  readonly batches: readonly Batch[];
  /** Topmost objects that go, in the order in which they do; what is below them goes with them. */
  readonly objects: readonly FlatObject[];
}

/** What the fabric holds that carries the exact mark of this cluster, as a plan that takes it away. Changes nothing. */
export async function planRemoval(
  apic: Pick<ApicPort, 'list'>,
  settings: FabricSettings,
  signal: AbortSignal,
): Promise<Removal> {
  const found: FlatObject[] = [];
  for (const scope of mirrorScopes(settings)) for (const object of await apic.list(scope, signal)) found.push(object);
  const { batchObjects, batchBytes } = DEFAULT_APPLY_SETTINGS;
  const sides = { desired: new Map(), actual: canonicalMap(found), clusterId: settings.clusterId };
  const { phases } = planFabric({ ...sides, references: [], limits: { objects: batchObjects, bytes: batchBytes } });
  // A POST that comes late, after another removal, must not leave an object that is nobody's.
  const marked = ({ dn, tree, changes }: Batch): Batch => ({ dn, tree: withOwnerMarks(tree, dn, sides), changes });
  const batches = phases.flatMap((phase) => phase.batches).map(marked);
  return { batches, objects: batches.flatMap(({ changes }) => changes.map(({ object }) => object)) };
}

/** Takes it away, batch by batch. Rejects with the error of a POST that the APIC does not take; what was done stays done. */
export async function carryOutRemoval(
  apic: Pick<ApicPort, 'post'>,
  { batches }: Removal,
  signal: AbortSignal,
): Promise<void> {
  for (const { dn, tree } of batches) await apic.post(dn, tree, signal);
}

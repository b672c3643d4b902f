import { type FlatObject, type ObjectMap } from '#model/aci';
import type { OpenPolicy } from './open-policy.js';

/** One thing that two compilations of the same cluster say differently, in words. */
export interface PolicyDifference {
  /** Dn of a managed object, or `Pod/<namespace>/<name>` of a pod that is in another group. */
  readonly object: string;
  readonly kept: string;
  readonly whole: string;
}

/** The first difference between what was kept change by change and a whole compilation: in the fabric, then of pods. */
export function firstDifference(kept: OpenPolicy, whole: OpenPolicy): PolicyDifference | undefined {
  return inFabric(kept.plainObjects, whole.plainObjects) ?? inMembership(kept.membership, whole.membership);
}

function inFabric(kept: ObjectMap, whole: ObjectMap): PolicyDifference | undefined {
  const dn = firstKey(kept, whole, (a, b) => objectText(a) === objectText(b));
  return dn === undefined
    ? undefined
    : { object: dn, kept: objectText(kept.get(dn)), whole: objectText(whole.get(dn)) };
}

function inMembership(
  kept: ReadonlyMap<string, string>,
  whole: ReadonlyMap<string, string>,
): PolicyDifference | undefined {
  const pod = firstKey(kept, whole, (a, b) => a === b);
  if (pod === undefined) return undefined;
  return { object: `Pod/${pod}`, kept: kept.get(pod) ?? NOTHING, whole: whole.get(pod) ?? NOTHING };
}

/** The lowest key whose values differ. */
function firstKey<Value>(
  a: ReadonlyMap<string, Value>,
  b: ReadonlyMap<string, Value>,
  isSame: (a: Value | undefined, b: Value | undefined) => boolean,
): string | undefined {
  let first: string | undefined;
  const look = (key: string): void => {
    if ((first === undefined || key < first) && !isSame(a.get(key), b.get(key))) first = key;
  };
  for (const key of a.keys()) look(key);
  for (const key of b.keys()) if (!a.has(key)) look(key);
  return first;
}

const NOTHING = '(nothing)';

/** The class and the attributes, whatever their order. */
function objectText(object: FlatObject | undefined): string {
  if (object === undefined) return NOTHING;
  const attributes = Object.entries(object.attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${object.className} ${attributes.map(([name, value]) => `${name}=${value}`).join(' ')}`;
}

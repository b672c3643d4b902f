import type { ClusterDelta, ClusterSnapshot } from '#model/kubernetes';

type Kind = 'namespaces' | 'nodes' | 'pods' | 'policies' | 'tieredPolicies';
/** One object that came, went or changed. */
export interface ClusterStep {
  readonly kind: Kind;
  readonly key: string;
}

const KINDS: readonly Kind[] = ['namespaces', 'nodes', 'pods', 'policies', 'tieredPolicies'];

/** What differs between two snapshots, object by object. */
export const stepsBetween = (from: ClusterSnapshot, to: ClusterSnapshot): readonly ClusterStep[] =>
  KINDS.flatMap((kind) =>
    [...new Set([...from[kind].keys(), ...to[kind].keys()])]
      .filter((key) => from[kind].get(key) !== to[kind].get(key))
      .map((key) => ({ kind, key })),
  );

/** {@link stepsBetween} of objects that say something else, however often they were read. */
export const realSteps = (from: ClusterSnapshot, to: ClusterSnapshot): readonly ClusterStep[] =>
  stepsBetween(from, to).filter(({ kind, key }) => textOf(from[kind].get(key)) !== textOf(to[kind].get(key)));

const textOf = (view: unknown): string =>
  JSON.stringify(view, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)) ?? '';

/** The snapshot after the steps: their objects as they are in the other one. */
export function snapshotAfter(
  from: ClusterSnapshot,
  to: ClusterSnapshot,
  steps: readonly ClusterStep[],
): ClusterSnapshot {
  const changed = { ...from };
  for (const kind of KINDS) {
    const objects = new Map<string, unknown>(from[kind]);
    for (const { key } of steps.filter((step) => step.kind === kind)) {
      const object = to[kind].get(key);
      if (object === undefined) objects.delete(key);
      else objects.set(key, object);
    }
    Object.assign(changed, { [kind]: new Map([...objects].sort(([a], [b]) => (a < b ? -1 : 1))) });
  }
  return changed;
}

/** The steps as a change for the compiler. */
export const deltaOf = (to: ClusterSnapshot, steps: readonly ClusterStep[]): ClusterDelta =>
  Object.fromEntries(
    KINDS.map((kind) => [
      kind,
      new Map(steps.filter((step) => step.kind === kind).map(({ key }) => [key, to[kind].get(key)])),
    ]),
  );

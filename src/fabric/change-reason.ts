import { type FlatObject, MARK_KEYS, markDn, type ObjectMap, rootFinder } from '#model/aci';
import type { Change } from './diff.js';
import type { PlanSides } from './phases.js';
import { sourcesOf } from './reason.js';

/** An attribute that is not as it shall be. */
export interface AttributeDifference {
  readonly attribute: string;
  readonly is: string;
  readonly wanted: string;
}

/**
 * Why a change is made: somebody asks for the object; it differs from what is wanted; or nobody asks for it any more. The
 * sources are the Kubernetes objects on its mark, or on that of the object that it belongs to; there are none for what the
 * gateway itself needs.
 */
export type ChangeReason =
  | { readonly kind: 'wanted'; readonly sources: readonly string[] }
  | {
      readonly kind: 'differs';
      readonly sources: readonly string[];
      readonly attributes: readonly AttributeDifference[];
    }
  | { readonly kind: 'unwanted'; readonly sources: readonly string[] };

/** Tells why changes between two sides are made. Right as long as the sides stay the same. */
export function reasonFinder({ desired, actual }: PlanSides): (change: Change) => ChangeReason {
  const [wantedBy, wasFor] = [sourceFinder(desired), sourceFinder(actual)];
  return (change) => {
    const { dn } = change.object;
    if (change.kind === 'delete') return { kind: 'unwanted', sources: wasFor(dn) };
    if (change.kind === 'create') return { kind: 'wanted', sources: wantedBy(dn) };
    return { kind: 'differs', sources: wantedBy(dn), attributes: differencesOf(change.object, change.found) };
  };
}

function sourceFinder(objects: ObjectMap): (dn: string) => readonly string[] {
  const rootIn = rootFinder(objects);
  const known = new Map<string, readonly string[]>();
  return (dn) => {
    const root = rootIn(dn);
    if (root === undefined) return [];
    const sources =
      known.get(root) ?? sourcesOf(objects.get(markDn(root, MARK_KEYS.source))?.attributes['value']).filter(isWhole);
    known.set(root, sources);
    return sources;
  };
}

/** A list that was too long for the mark ends in an ellipsis. */
const isWhole = (source: string): boolean => source !== '…';

/** Attributes of the wanted object that the found one has otherwise. */
export const differencesOf = (wanted: FlatObject, found: FlatObject): readonly AttributeDifference[] =>
  Object.entries(wanted.attributes)
    .filter(([attribute, value]) => (found.attributes[attribute] ?? '') !== value)
    .map(([attribute, value]) => ({ attribute, is: found.attributes[attribute] ?? '', wanted: value }));

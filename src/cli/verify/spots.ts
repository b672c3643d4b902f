import type { Place, PlaceAddress, PlaceClass } from './places.js';

/** One address of a class of places: an end of the flows that are checked. It has a number among those of its family. */
export interface Spot {
  readonly index: number;
  readonly address: PlaceAddress;
  readonly place: Place;
  /** The same address of another member of the class, for flows inside it; undefined where there is no other. */
  readonly twin: { readonly place: Place; readonly address: PlaceAddress } | undefined;
  /** Whether policies apply to it. */
  readonly isPod: boolean;
}

/** The addresses of one family, numbered: flows never leave a family (policy.md N5). */
export function spotsOf(
  family: 4 | 6,
  { pods, outside }: { readonly pods: readonly PlaceClass[]; readonly outside: readonly PlaceClass[] },
): readonly Spot[] {
  const found: Omit<Spot, 'index'>[] = [];
  const add = ({ places: [place, other] }: PlaceClass, isPod: boolean): void => {
    for (const [at, address] of (place?.addresses ?? []).entries()) {
      if (place === undefined || address.family !== family) continue;
      const same = other?.addresses[at];
      const twin = other === undefined || same === undefined ? undefined : { place: other, address: same };
      found.push({ address, place, twin, isPod });
    }
  };
  for (const one of pods) add(one, true);
  for (const one of outside) add(one, false);
  return found.map((spot, index) => ({ ...spot, index }));
}

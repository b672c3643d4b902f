import { SharedMap } from '#fabric';
import { type EpgMove, moveBridges } from '#mappers';
import { type FlatObject, type ObjectMap } from '#model/aci';
import type { FabricSettings } from '#model/settings';
import type { DesiredState, WantedFabric } from './desired-state.js';
import type { FabricMirror } from './fabric-mirror.js';
import type { PodMoves } from './pod-moves.js';

/** What {@link BridgedFabric} looks at. */
export interface BridgedFabricContext {
  readonly desired: () => DesiredState | undefined;
  readonly fabric: Pick<FabricMirror, 'objects' | 'trusted'>;
  readonly moves: Pick<PodMoves, 'underWay'>;
  readonly settings: FabricSettings;
}

/** What was made of a desired state and some moves. */
interface Bridged {
  readonly desired: DesiredState;
  readonly moves: readonly EpgMove[];
  readonly wanted: WantedFabric;
}

/** What the fabric should hold now: the desired state, and bridges between the EPGs that pods are on their way between. */
export class BridgedFabric {
  readonly #context: BridgedFabricContext;
  #last: Bridged | undefined;

  constructor(context: BridgedFabricContext) {
    this.#context = context;
  }

  /** The same value as long as nothing in it is different; undefined before there is a desired state. */
  get wanted(): WantedFabric | undefined {
    const { fabric, moves } = this.#context;
    const desired = this.#context.desired();
    if (desired === undefined || !fabric.trusted) return desired;
    const now = moves.underWay(desired);
    if (now.length === 0) {
      this.#last = undefined;
      return desired;
    }
    if (this.#last?.desired !== desired || !areSame(this.#last.moves, now)) {
      this.#last = { desired, moves: now, wanted: this.#bridged(desired, now) };
    }
    return this.#last.wanted;
  }

  #bridged({ objects, references }: DesiredState, moves: readonly EpgMove[]): WantedFabric {
    const { fabric, settings } = this.#context;
    const bridges = moveBridges(moves, { wanted: objects, actual: fabric.objects, settings });
    return { objects: withObjects(objects, bridges), references, bridges: new Set(bridges.map(({ dn }) => dn)) };
  }
}

function withObjects(objects: ObjectMap, more: readonly FlatObject[]): ObjectMap {
  const entries = more.map((object) => [object.dn, object] as const);
  return objects instanceof SharedMap
    ? (objects as SharedMap<FlatObject>).with(entries)
    : new Map([...objects, ...entries]);
}

const areSame = (one: readonly EpgMove[], other: readonly EpgMove[]): boolean =>
  one.length === other.length && one.every(({ from, to }, at) => from === other[at]?.from && to === other[at]?.to);

import { SharedMap } from '#fabric';
import {
  type FabricMapper,
  type FabricPart,
  fabricOf,
  foreignSteps,
  PART_KINDS,
  type PartChanges,
  referencesOf,
} from '#mappers';
import { canonicalMap, childDn, type FlatObject, flatten, type ObjectMap, rnFor } from '#model/aci';
import { type FabricSettings, l3outDn, namedTenantDns, profileDn } from '#model/settings';
import type { WantedFabric } from './desired-state.js';

/**
 * What the fabric should hold, kept change by change from the parts of a mapper: only parts that differ are flattened and
 * made canonical. What was handed out stays as it is: a change makes a new map, which shares with the old one what is equal.
 */
export class FabricObjects implements WantedFabric {
  readonly #mapper: FabricMapper;
  readonly #settings: FabricSettings;
  readonly #parts = new Map<string, FabricPart>();
  /** Dns of the bare objects on the way to an admin's group below which relations of ours are. */
  #steps: ReadonlySet<string>;
  #objects: SharedMap<FlatObject>;
  #references: readonly string[];

  /** Takes in everything that the mapper has. Only for bindings at the AEP, which are parts of the mapper's. */
  constructor(mapper: FabricMapper, settings: FabricSettings) {
    this.#mapper = mapper;
    this.#settings = settings;
    const { tree, references } = fabricOf(mapper, settings);
    for (const kind of PART_KINDS) for (const part of mapper.parts.all(kind)) this.#parts.set(dnOf(part), part);
    this.#objects = SharedMap.of(canonicalMap(flatten(tree, '')));
    this.#references = references;
    this.#steps = new Set(this.#stepsNow().keys());
  }

  get objects(): ObjectMap {
    return this.#objects;
  }

  get references(): readonly string[] {
    return this.#references;
  }

  /** Takes in the parts that differ. */
  update(changes: PartChanges): void {
    // An EPG that policies speak of, and that has no contract, is in no part.
    const references = referencesOf(this.#mapper, this.#settings);
    if (references.join() !== this.#references.join()) this.#references = references;
    if (changes.size === 0) return;
    const objects = new Map<string, FlatObject | undefined>();
    let isForeign = false;
    for (const [dn, part] of changes) {
      const before = this.#parts.get(dn);
      isForeign ||= before?.kind === 'foreign' || part?.kind === 'foreign';
      for (const object of objectsOf(before, part)) objects.set(object.dn, undefined);
      if (part === undefined) this.#parts.delete(dn);
      else this.#parts.set(dn, part);
      for (const [key, object] of canonicalMap(objectsOf(part, before))) this.#note(objects, key, object);
    }
    if (isForeign) this.#updateForeign(objects);
    this.#objects = this.#objects.with(objects);
  }

  /** An object that is as it was stays the same one: an external EPG has a thousand relations, of which a change adds one. */
  #note(objects: Map<string, FlatObject | undefined>, dn: string, object: FlatObject): void {
    const known = this.#objects.get(dn);
    if (known !== undefined && hasSameAttributes(known, object)) objects.delete(dn);
    else objects.set(dn, object);
  }

  /** The steps to an admin's EPG are there as long as a relation of ours is below it. */
  #updateForeign(objects: Map<string, FlatObject | undefined>): void {
    const steps = this.#stepsNow();
    for (const dn of this.#steps) if (!steps.has(dn)) objects.set(dn, undefined);
    for (const [dn, object] of steps) if (!this.#objects.has(dn)) objects.set(dn, object);
    this.#steps = new Set(steps.keys());
  }

  #stepsNow(): ReadonlyMap<string, FlatObject> {
    const settings = this.#settings;
    const own = [...namedTenantDns(settings), profileDn(settings), l3outDn(settings)];
    const steps = new Map<string, FlatObject>();
    for (const { parent } of this.#mapper.parts.all('foreign')) {
      if (steps.has(parent)) continue;
      for (const step of foreignSteps(parent)) if (!own.includes(step.dn)) steps.set(step.dn, step);
    }
    return canonicalMap(steps.values());
  }
}

const dnOf = ({ parent, object }: FabricPart): string => childDn(parent, rnFor(object.className, object.attributes));

/** A part with what is below it, but for what it has in common with another version of it: children that are the same. */
function objectsOf(part: FabricPart | undefined, other: FabricPart | undefined): readonly FlatObject[] {
  if (part === undefined) return [];
  const { object, parent } = part;
  const common = new Set(other?.object.children);
  return flatten({ ...object, children: object.children.filter((child) => !common.has(child)) }, parent);
}

function hasSameAttributes({ attributes: one }: FlatObject, { attributes: other }: FlatObject): boolean {
  let names = 0;
  for (const name in one) {
    if (one[name] !== other[name]) return false;
    names += 1;
  }
  return names === Object.keys(other).length;
}

import { classNames, classRow, type PropertySpec, propertySpec } from '#model/aci';

/** One step of a way from the root to an object of a class. */
export interface MinimalStep {
  readonly className: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The shortest way from `topRoot` to each class of the model, by its parents; a class without one is left out. */
export function waysFromRoot(): ReadonlyMap<string, readonly string[]> {
  const ways = new Map<string, readonly string[]>([['topRoot', []]]);
  let added = true;
  while (added) {
    added = false;
    for (const name of classNames()) {
      const parent = classRow(name)?.in.find((candidate) => ways.has(candidate));
      if (ways.has(name) || parent === undefined) continue;
      ways.set(name, [...(ways.get(parent) ?? []), name]);
      added = true;
    }
  }
  ways.delete('topRoot');
  return ways;
}

/** What else a class demands, without saying so in its metadata. */
const DEMANDED: Readonly<Record<string, readonly string[]>> = { fvUplinkOrderCont: ['active'] };

/** The least that an object of the class needs: its name, the target of an explicit relation, and what it demands. */
export function minimalStep(className: string): MinimalStep {
  const row = classRow(className);
  const needed = [...(row?.naming ?? []), ...(DEMANDED[className] ?? [])];
  const isExplicit = row?.relation?.type === 'explicit' && propertySpec(className, 'tDn') !== undefined;
  if (isExplicit && !needed.includes('tDn')) needed.push('tDn');
  return { className, attributes: Object.fromEntries(needed.map((name) => [name, valueFor(className, name)])) };
}

function valueFor(className: string, property: string): string {
  const spec = propertySpec(className, property) ?? {};
  if (DEMANDED[className]?.includes(property) === true) return '1';
  const fitting = CANDIDATES.filter((value) => fits(spec, value));
  if (property === 'tDn') return 'uni/tn-nobody';
  if (spec.type === 'enum' || spec.type === 'bool') return spec.values?.[0] ?? 'no';
  if (spec.type !== undefined && TYPED[spec.type] !== undefined) return numbered(spec, TYPED[spec.type] ?? '');
  return fitting[0] ?? 'a';
}

const TYPED: Readonly<Record<string, string>> = {
  number: '1',
  ip: '10.1.2.3',
  mac: '00:50:56:AA:BB:CC',
  encap: 'vlan-5',
  ref: 'uni/tn-nobody',
  ifIndex: 'eth1/1',
};

function numbered(spec: PropertySpec, value: string): string {
  const low = spec.range?.[0];
  return spec.type === 'number' && typeof low === 'number' && low > 1 ? String(low) : value;
}

const CANDIDATES = ['zz', 'z', '10.1.2.3', 'z-z', '1'];

function fits(spec: PropertySpec, value: string): boolean {
  return spec.regex === undefined || new RegExp(spec.regex).test(value);
}

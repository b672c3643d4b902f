import { classNames, classRow, concreteClasses, type ManagedObject, managedObject } from '#model/aci';

/** Rooms of policies that relations without a name, or with a wrong one, fall back to. */
export type PolicyRoom = 'fvTenant' | 'infraInfra' | 'fabricInst';

/** Targets that are made with what belongs to them, and plans for upgrades, which only administrators make. */
const MADE_OTHERWISE: ReadonlySet<string> = new Set(['fvBD', 'fvCtx', 'bgpInstPol', 'maintMaintP', 'firmwareFwP']);

/**
 * The `default` policies of a room: one for each class that a relation may fall back to which an APIC makes by itself
 * (apic-protocol.md §6.2, §6.3). They follow from the class table, so that no such relation can be without its target.
 * `besides` are the classes of those to which no such relation leads. An APIC is known to have most of them by their Dns in public configurations; the rest is inferred.
 */
export function defaultPolicies(room: PolicyRoom, besides: readonly string[]): readonly ManagedObject[] {
  allFallbacks ??= [...new Set(classNames().flatMap((name) => (isMadeByItself(name) ? targetsOf(name) : [])))]
    .filter((name) => !MADE_OTHERWISE.has(name))
    .map((name) => defaultPolicy(name));
  const fallbacks = allFallbacks.filter(({ className }) => classRow(className)?.in.includes(room));
  const known = new Set(fallbacks.map(({ className }) => className));
  const others = besides.filter((className) => !known.has(className));
  return [...fallbacks, ...others.map((className) => defaultPolicy(className))];
}

let allFallbacks: readonly ManagedObject[] | undefined;

const isMadeByItself = (className: string): boolean => classRow(className)?.creatable === 'never';

function targetsOf(className: string): readonly string[] {
  const relation = classRow(className)?.relation;
  return relation?.type === 'named' && !relation.many ? concreteClasses(relation.to) : [];
}

/** An object of a class that is named by its name alone, named `default`. */
const defaultPolicy = (className: string): ManagedObject => managedObject(className, { name: 'default' });

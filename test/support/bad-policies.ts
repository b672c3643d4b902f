import fc from 'fast-check';
import {
  BAD_PEERS,
  BAD_PORTS,
  BAD_SELECTORS,
  BAD_TIERED_PEERS,
  BAD_TIERED_PORTS,
  NO_LIST,
  NO_OBJECT,
} from './bad-values.js';
import { explicit, explicitTypes, type PolicyBody, type RuleBody } from './policy-rewriting.js';
import type { TieredBody, TieredPeerBody, TieredRuleBody } from './tiered-rewriting.js';

// One fault planted into a policy that the API would take. Each comes with the policy that it must not exceed: the same
// without the bad part, closed where that part could have meant more.

/** A policy with a fault, and the good policy whose permission is its upper bound. */
export interface Faulty<Body> {
  /** The place and the value, for messages. */
  readonly fault: string;
  readonly bad: object;
  readonly bound: Body;
}

/** Random numbers: which rule, which value. */
export interface Dice {
  readonly place: number;
  readonly value: number;
  readonly inward: boolean;
  readonly at: number;
}
export const dice: fc.Arbitrary<Dice> = fc.record({
  place: fc.nat(),
  value: fc.nat(),
  inward: fc.boolean(),
  at: fc.nat(),
});

const pick = <Item>(items: readonly Item[], number: number): Item => items[number % items.length] as Item;

const described = (place: string, value: unknown): string => `${place}: ${JSON.stringify(value) ?? 'nothing'}`;

type Direction = 'ingress' | 'egress';
const without = <Item>(items: readonly Item[], at: number): readonly Item[] => items.filter((_, index) => index !== at);

/** A spec with rules in the direction, and that the direction is isolated: else no fault there could be noticed. */
function prepared(spec: PolicyBody, direction: Direction): PolicyBody {
  const whole = explicit(spec);
  const type = direction === 'ingress' ? 'Ingress' : 'Egress';
  const rules = whole[direction] ?? [];
  return {
    ...whole,
    policyTypes: [...new Set([...(whole.policyTypes ?? []), type])],
    [direction]: rules.length > 0 ? rules : [{}],
  };
}

const inList = (list: readonly unknown[], value: unknown, at: number): readonly unknown[] => {
  const position = at % (list.length + 1);
  return [...list.slice(0, position), value, ...list.slice(position)];
};

/** Faults of the parts of one rule: a list that is none, or one bad entry among those that are there. */
function badRule(
  rule: RuleBody,
  side: 'from' | 'to',
  { place, value, at }: Dice,
): { bad: unknown; bound?: RuleBody; fault: string } {
  const [field, values] = place % 2 === 0 ? ([side, BAD_PEERS] as const) : (['ports', BAD_PORTS] as const);
  if (place % 7 === 0) {
    const bad = pick(NO_LIST, value);
    return { bad: { ...rule, [field]: bad }, fault: described(field, bad) };
  }
  const entry = pick(values, value);
  const list: readonly unknown[] = rule[field] ?? [];
  const bad = { ...rule, [field]: inList(list, entry, at) };
  const fault = described(`${field}[]`, entry);
  return list.length === 0 ? { bad, fault } : { bad, bound: rule, fault };
}

/** A fault somewhere in a NetworkPolicy. */
export function faultyPolicy(given: PolicyBody, random: Dice): Faulty<PolicyBody> {
  const { place, value, inward, at } = random;
  const direction = inward ? 'ingress' : 'egress';
  const spec = prepared(given, direction);
  const rules = spec[direction] ?? [];
  const chosen = at % rules.length;
  switch (place % 12) {
    case 0: {
      const podSelector = pick(BAD_SELECTORS, value);
      const closed = { podSelector: {}, policyTypes: spec.policyTypes ?? [] };
      return { fault: described('podSelector', podSelector), bad: { ...spec, podSelector }, bound: closed };
    }
    case 1:
      return faultyTypes(given, value);
    case 5: {
      const bad = pick(NO_OBJECT, value);
      const bound = { podSelector: {}, policyTypes: ['Ingress', 'Egress'] };
      return { fault: described('spec', bad), bad: bad as object, bound };
    }
    case 2: {
      const list = pick(NO_LIST, value);
      const bound = { ...spec, [direction]: [] };
      return { fault: described(direction, list), bad: { ...spec, [direction]: list }, bound };
    }
    case 3: {
      const list = pick(NO_LIST, value);
      const { policyTypes: _, ...implicit } = explicit(given);
      const types = [...new Set([...explicitTypes(implicit), direction === 'ingress' ? 'Ingress' : 'Egress'])];
      const bound = { ...explicit({ ...implicit, policyTypes: types }), [direction]: [] };
      const fault = described(`${direction} without policyTypes`, list);
      return { fault, bad: { ...implicit, [direction]: list }, bound };
    }
    case 4: {
      const rule = pick(
        [...NO_OBJECT, { form: [{ podSelector: {} }] }, { peers: [] }, { port: [{ port: 80 }] }],
        value,
      );
      const bad = { ...spec, [direction]: rules.with(chosen, rule as RuleBody) };
      return { fault: described(`${direction}[]`, rule), bad, bound: { ...spec, [direction]: without(rules, chosen) } };
    }
    default: {
      const side = direction === 'ingress' ? 'from' : 'to';
      const { bad, bound, fault } = badRule(rules[chosen] ?? {}, side, { ...random, place: place >> 2 });
      const rest = bound === undefined ? without(rules, chosen) : rules.with(chosen, bound);
      const broken = { ...spec, [direction]: rules.with(chosen, bad as RuleBody) };
      return { fault: `${direction}[].${fault}`, bad: broken, bound: { ...spec, [direction]: rest } };
    }
  }
}

const BAD_TYPES: readonly unknown[] = [
  'Ingress',
  'Egress',
  3,
  {},
  ['Both'],
  ['ingress'],
  [null],
  ['Ingress', 7],
  ['Egress', ''],
];

/** Directions that cannot be read are both: the rules that are there count, nothing else is allowed. */
function faultyTypes(given: PolicyBody, value: number): Faulty<PolicyBody> {
  const policyTypes = pick(BAD_TYPES, value);
  const bound = { ...given, policyTypes: ['Ingress', 'Egress'] };
  return { fault: described('policyTypes', policyTypes), bad: { ...given, policyTypes }, bound };
}

const EVERYTHING: Readonly<Record<'pods' | 'addresses', TieredPeerBody>> = {
  pods: { namespaces: {} },
  addresses: { networks: ['0.0.0.0/0', '::/0'] },
};

/** Peers of a Deny of all that the bad one could have meant; a rule inward has no addresses. */
const widest = (meant: 'pods' | 'addresses' | 'anything', direction: Direction): readonly TieredPeerBody[] => {
  if (direction === 'ingress') return [EVERYTHING.pods];
  return meant === 'anything' ? [EVERYTHING.pods, EVERYTHING.addresses] : [EVERYTHING[meant]];
};

/** The rules with a bad one at a place, and those that they must not exceed. */
interface FaultyRules {
  readonly fault: string;
  readonly bad: unknown;
  readonly bound: readonly TieredRuleBody[];
}

function faultyTieredRule(rule: TieredRuleBody, direction: Direction, { place, value, at }: Dice): FaultyRules {
  const side = direction === 'ingress' ? 'from' : 'to';
  const { ports: _, protocols: __, ...everyPort } = rule;
  const accepts = rule.action === 'Allow' || rule.action === 'Accept';
  const denial = (peers: readonly TieredPeerBody[]): TieredRuleBody => ({
    ...everyPort,
    action: 'Deny',
    [side]: peers,
  });
  switch (place % 6) {
    case 0: {
      const bad = pick(NO_OBJECT, value);
      return { fault: described('rule', bad), bad, bound: [denial(widest('anything', direction))] };
    }
    case 1: {
      const action = pick(['deny', 'Log', '', 3, null, {}, undefined], value);
      return { fault: described('action', action), bad: { ...rule, action }, bound: [{ ...rule, action: 'Deny' }] };
    }
    case 2: {
      const peers = pick([...NO_LIST, [], null], value);
      const bound = accepts ? [] : [denial(widest('anything', direction))];
      return { fault: described(side, peers), bad: { ...rule, [side]: peers }, bound };
    }
    case 3: {
      const field = pick(['ports', 'protocols'] as const, at);
      const entry = pick(BAD_TIERED_PORTS, value);
      const bad = { ...everyPort, [field]: [entry] };
      return { fault: described(`${field}[]`, entry), bad, bound: accepts ? [] : [denial(rule[side] ?? [])] };
    }
    default: {
      const { peer, meant } = pick(BAD_TIERED_PEERS, value);
      const peers = rule[side] ?? [];
      const bad = { ...rule, [side]: inList(peers, peer, at) };
      const kept = accepts ? (meant === 'anything' ? [] : [rule]) : [denial([...peers, ...widest(meant, direction)])];
      const narrow = accepts || meant === 'anything' ? kept : [{ ...rule, ...kept[0] }];
      return { fault: described(`${side}[]`, peer), bad, bound: narrow };
    }
  }
}

/** A fault somewhere in a policy of the tiers around NetworkPolicy. */
export function faultyTiered(spec: TieredBody, random: Dice): Faulty<TieredBody> {
  const { place, value, inward, at } = random;
  const direction = inward ? 'ingress' : 'egress';
  const denials = (rules: readonly TieredRuleBody[] = []): readonly TieredRuleBody[] =>
    rules.filter(({ action }) => action === 'Deny');
  const closed = { ...spec, ingress: denials(spec.ingress), egress: denials(spec.egress) };
  switch (place % 6) {
    case 0: {
      const bad = pick(
        [...NO_OBJECT, null, {}, { pods: 3 }, { galaxies: {} }, ...BAD_SELECTORS.map((namespaces) => ({ namespaces }))],
        value,
      );
      return {
        fault: described('subject', bad),
        bad: { ...spec, subject: bad },
        bound: { ...closed, subject: { namespaces: {} } },
      };
    }
    case 1: {
      const rules = pick(NO_LIST, value);
      const side = direction === 'ingress' ? 'from' : 'to';
      const deny = [{ action: 'Deny', [side]: widest('anything', direction) }];
      return {
        fault: described(direction, rules),
        bad: { ...spec, [direction]: rules },
        bound: { ...spec, [direction]: deny },
      };
    }
    default: {
      const rules = spec[direction] ?? [];
      const side = direction === 'ingress' ? 'from' : 'to';
      const chosen = at % Math.max(rules.length, 1);
      const rule = rules[chosen] ?? { action: value % 2 === 0 ? 'Deny' : 'Pass', [side]: [EVERYTHING.pods] };
      const { fault, bad, bound } = faultyTieredRule(rule, direction, { ...random, place: place >> 2 });
      const around = (middle: readonly unknown[]): readonly unknown[] => [
        ...rules.slice(0, chosen),
        ...middle,
        ...rules.slice(chosen + 1),
      ];
      return {
        fault: `${direction}[].${fault}`,
        bad: { ...spec, [direction]: around([bad]) },
        bound: { ...spec, [direction]: around(bound) as readonly TieredRuleBody[] },
      };
    }
  }
}

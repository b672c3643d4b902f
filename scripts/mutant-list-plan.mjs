// Mistakes in plans: what is kept change by change, what waits for approval, how changes are cut: see mutant-list.mjs.

const LIVE = 'src/fabric/live-difference.ts';
const DIFF = 'src/fabric/diff.ts';
const DELETIONS = 'src/fabric/deletions.ts';
const IN_THE_WAY = 'src/fabric/bindings-in-the-way.ts';
const PHASES = 'src/fabric/phases.ts';
const BATCHES = 'src/fabric/batches.ts';
const ORDER = 'src/fabric/change-order.ts';
const SHARED = 'src/fabric/shared-map.ts';
const UNITS = 'src/fabric/units.ts';

const mutant = (name, ...edits) => ({ name, edits });

export const PLAN_MUTANTS = [
  mutant('approval: an object goes of which something waits below', [
    DELETIONS,
    'for (let dn = parentDn(change.object.dn); dn !== undefined; dn = parentDn(dn)) above.add(dn);',
    '',
  ]),
  mutant('plan: what is below an object with another owner keeps its changes', [
    LIVE,
    'for (const inner of this.#tree.below(owner)) if (isAll || this.#actual.has(inner)) dependents.add(inner);',
    '',
  ]),
  mutant('plan: where a name is taken, what is below waits until the fabric has it', [
    LIVE,
    'const isAll = hasMoved || this.#taken.size > 0;',
    'const isAll = false;',
  ]),
  mutant('plan: a mark that is wanted opens nothing below a name that is taken', [
    LIVE,
    'const isAll = hasMoved || this.#taken.size > 0;',
    'const isAll = hasMoved;',
  ]),
  mutant('plan: what came with a POST is not looked at when that has ended', [
    LIVE,
    'if (left <= 0 && this.#spared.delete(dn)) this.#landed.add(dn);',
    'this.#spared.delete(dn);',
  ]),
  mutant('plan: marks of the last update decide who owns what', [LIVE, '    this.#noteOwners(changed);\n', '']),
  mutant('plan: a name that is taken does not concern what is below', [
    LIVE,
    'if (marked === undefined && !hasMoved && this.#actual.has(dn)) continue;',
    'if (marked === undefined && this.#actual.has(dn)) continue;',
  ]),
  mutant('plan: a mark that comes or goes does not concern what is below', [
    LIVE,
    'const owner = marked ?? dn;',
    'const owner = dn;',
  ]),
  mutant('plan: keys that are gone do not differ', [
    SHARED,
    'for (const key of theirs.keys()) if (!shard.has(key)) keys.add(key);',
    '',
  ]),
  mutant('plan: relations to what somebody else has are made', [
    DIFF,
    'return targets.some((target) => isAtOrBelow(taken, target));',
    'return false;',
  ]),
  mutant('plan: what is below an object of somebody else’s is made', [
    DIFF,
    'dns.has(dn) || hasAncestorIn(dns, dn);',
    'dns.has(dn);',
  ]),
  mutant('plan: what is below an object of somebody else’s is deleted', [
    LIVE,
    '|| (this.#taken.size > 0 && isAtOrBelow(this.#taken, dn))',
    '',
  ]),
  mutant('plan: marks of relations to what somebody else has are made', [
    DIFF,
    '[object, desired.get(root)]',
    '[object]',
  ]),
  mutant('plan: a name that is free again concerns no marks of relations to it', [
    LIVE,
    'yield* this.#tree.below(object.dn);',
    '',
  ]),
  mutant('plan: a name that is free again concerns no relations to it', [
    LIVE,
    'if (moved.size > 0) for (const dn of this.#relatedTo(moved)) dependents.add(dn);',
    '',
  ]),
  mutant('plan: prefixes that fall to a shorter one wait for approval', [
    DELETIONS,
    'if (!isCovered(change, wanted)) changes.push(change);',
    'changes.push(change);',
  ]),
  mutant('plan: denials that go wait for approval', [
    PHASES,
    "new Set<PhaseName>(['unbind', 'remove'])",
    "new Set<PhaseName>(['unbind', 'remove', 'loosen'])",
  ]),
  mutant('plan: the marks of a relation make it before its time', [
    PHASES,
    "return made.get(parentDn(change.object.dn) ?? '') ?? change;",
    'return change;',
  ]),
  mutant('plan: the steps on the way count for nothing', [
    BATCHES,
    'for (const step of stepsTo(dn, this.#known)) {',
    'for (const step of []) {',
  ]),
  mutant('plan: a POST spans two packages', [
    BATCHES,
    'if (topDn(first.object.dn) !== topDn(next.object.dn)) return false;',
    '',
  ]),
  mutant('plan: an object and its marks are cut apart', [
    UNITS,
    "MARK.test(all.at(-1) ?? '') ? all.slice(0, -1) : all",
    'all',
  ]),
  mutant('plan: what is in the way of another binding waits', [
    DELETIONS,
    'if (!isInTheWay(change.object)) changes.push(change);',
    'changes.push(change);',
  ]),
  mutant('plan: bindings of a group that waits for approval wait with it', [
    PHASES,
    "const ofBindings = className === 'fvAEPg' ? below(dn).filter(isInTheWay) : [];",
    'const ofBindings = [];',
  ]),
  mutant('plan: a VLAN on any leaf is in the way', [
    IN_THE_WAY,
    'return [AT_AEPS, ...leavesOf(object)].some',
    'return [ANYWHERE].some',
  ]),
  mutant('plan: a binding at an AEP takes no VLAN on a leaf', [
    IN_THE_WAY,
    'return [AT_AEPS, ...leavesOf(object)].some',
    'return leavesOf(object).some',
  ]),
  mutant('plan: a binding on a path takes no VLAN at an AEP', [
    IN_THE_WAY,
    'return [ANYWHERE, ...leavesOf(object)].map',
    'return leavesOf(object).map',
  ]),
  mutant('plan: contracts come after the VRF that refers to them', [ORDER, '[/^brc-/, 2]', '[/^brc-/, 5]']),
];

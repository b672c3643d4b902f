import assert from 'node:assert/strict';
import { type EpgMove, epgDn } from '#mappers';
import { canonicalMap, type FlatObject, type ObjectMap } from '#model/aci';
import type { KubernetesObject } from '#model/kubernetes';
import { podOf, policyFor } from '#support/compile-stack';
import { desiredStateOf } from '#support/desired-state';
import { OWN_FABRIC } from '#support/settings';
import { BridgedFabric } from '../../workers/bridged-fabric.js';
import type { DesiredState } from '../../workers/desired-state.js';

const desiredFor = (policies: readonly KubernetesObject[]): DesiredState =>
  desiredStateOf({ pods: [podOf('shop', 'web', 1), podOf('shop', 'api', 1)], policies });

/** EPG of the group that the pod is in. */
const epgOf = ({ compiled }: DesiredState, pod: string): string =>
  epgDn(OWN_FABRIC, compiled.membership.get(pod) ?? assert.fail(`${pod} has no group`));

const added = (wanted: ObjectMap, desired: DesiredState): readonly FlatObject[] =>
  [...wanted.values()].filter(({ dn }) => !desired.objects.has(dn));

describe('bridged fabric', () => {
  const before = desiredFor([]);
  const after = desiredFor([policyFor('shop', 'web', 'api', 80), policyFor('shop', 'api', 'web', 81)]);
  const move: EpgMove = { from: epgOf(before, 'shop/web-1'), to: epgOf(after, 'shop/web-1') };
  let desired: DesiredState;
  let actual: ObjectMap;
  let trusted: boolean;
  let moves: readonly EpgMove[];
  let bridged: BridgedFabric;

  beforeEach(() => {
    [desired, actual, trusted, moves] = [after, canonicalMap(before.objects.values()), true, []];
    bridged = new BridgedFabric({
      desired: () => desired,
      fabric: {
        get objects() {
          return actual;
        },
        get trusted() {
          return trusted;
        },
      },
      moves: { underWay: () => moves },
      settings: OWN_FABRIC,
    });
  });

  it('is the desired state itself while nobody moves', () => {
    assert.equal(bridged.wanted, desired);
  });

  it('is the same value as long as the moves are, and the desired state again when they are over', () => {
    moves = [move];
    const { wanted } = bridged;
    assert.notEqual(wanted, desired);
    moves = [{ ...move }];
    assert.equal(bridged.wanted, wanted);
    moves = [];
    assert.equal(bridged.wanted, desired);
  });

  it('adds what the EPGs of the move need, and takes nothing away', () => {
    moves = [move];
    const objects = bridged.wanted?.objects ?? assert.fail('nothing is wanted');
    for (const [dn, object] of desired.objects) assert.equal(objects.get(dn), object);
    const relations = added(objects, desired).filter(({ className }) => /^fvRs(Prov|Cons)$/.test(className));
    assert.ok(relations.some(({ dn }) => dn.startsWith(`${move.from}/`)));
    assert.deepEqual(
      [...(bridged.wanted?.bridges ?? [])].sort(),
      added(objects, desired)
        .map(({ dn }) => dn)
        .sort(),
    );
  });

  it('keeps an EPG that pods are leaving although nobody wants it any more, with its binding', () => {
    const gone = `${move.from}-gone`;
    const renamed = (text: string): string => text.replaceAll(move.from, gone);
    const objects = [...before.objects.values()].map((object) => ({
      ...object,
      dn: renamed(object.dn),
      attributes: Object.fromEntries(Object.entries(object.attributes).map(([name, value]) => [name, renamed(value)])),
    }));
    actual = canonicalMap(objects);
    moves = [{ from: gone, to: move.to }];
    const dns = added(bridged.wanted?.objects ?? new Map(), desired).map(({ dn }) => dn);
    const own = [...actual.keys()].filter((dn) => dn.includes(gone));
    assert.ok(own.some((dn) => dn.includes('rsfuncToEpg-')) && own.includes(gone));
    assert.deepEqual(
      own.filter((dn) => !dns.includes(dn)),
      [],
    );
  });

  it('does not ask a fabric that is not known', () => {
    moves = [move];
    trusted = false;
    assert.equal(bridged.wanted, desired);
  });

  it('leaves an EPG alone that is somebody else’s', () => {
    const dn = epgDn(OWN_FABRIC, 'of-an-admin');
    actual = canonicalMap([
      ...before.objects.values(),
      { className: 'fvAEPg', dn, attributes: { name: 'of-an-admin' } },
    ]);
    moves = [{ from: dn, to: move.to }];
    assert.deepEqual(added(bridged.wanted?.objects ?? new Map(), desired), []);
  });
});

import assert from 'node:assert/strict';
import { NODE_POLICY_SCHEMA, type NodePolicy } from '#model/node';
import { ManualClock } from '#support/manual-clock';
import { type PlacedPods, PodMoves } from '../../workers/pod-moves.js';

const FOLLOW_MS = 1000;

/** A slice that puts pods into groups; a group's VLAN is the number in its name. */
const sliceOf = (node: string, groups: Readonly<Record<string, string>>): NodePolicy => ({
  schema: NODE_POLICY_SCHEMA,
  node,
  revision: JSON.stringify(groups),
  gateway: { addresses: [], mac: '00:22:bd:f8:19:ff' },
  nodeAddresses: [],
  groups: [],
  endpoints: Object.entries(groups).map(([pod, group]) => ({ pod, ips: [], group, vlan: Number(group.slice(1)) })),
  addresses: [],
  permits: [],
});

/** A desired state with these slices, in which pods may be anywhere. */
const slicesOf = (...slices: readonly NodePolicy[]): PlacedPods => ({
  placement: {},
  nodes: new Map(slices.map((slice) => [slice.node, slice])),
});

describe('moves of pods', () => {
  let clock: ManualClock;
  let moves: PodMoves;
  let joined: Readonly<Record<string, string>>;

  beforeEach(() => {
    clock = new ManualClock();
    joined = {};
    moves = new PodMoves({
      epgOf: (group) => `epg-${joined[group] ?? group}`,
      joined: () => joined,
      followMs: FOLLOW_MS,
      clock,
    });
  });

  it('begin with the slice that wants them, and end when the hosts that were told have followed', async () => {
    moves.told(sliceOf('n1', { a: 'g1', b: 'g1' }));
    assert.equal(moves.hostsFollowInMs, 0, 'nobody was anywhere before');
    const next = sliceOf('n1', { a: 'g2', b: 'g1' });
    assert.deepEqual(moves.underWay(slicesOf(next)), [{ from: 'epg-g1', to: 'epg-g2' }]);
    assert.ok(moves.areComing(slicesOf(next)));
    moves.told(next);
    assert.ok(!moves.areComing(slicesOf(next)));
    assert.deepEqual(moves.underWay(slicesOf(next)), [{ from: 'epg-g1', to: 'epg-g2' }]);
    assert.equal(moves.hostsFollowInMs, FOLLOW_MS);
    await clock.advance(FOLLOW_MS);
    assert.deepEqual(moves.underWay(slicesOf(next)), []);
    assert.equal(moves.hostsFollowInMs, 0);
  });

  it('are of EPGs: the same pods in the same groups are elsewhere when groups become one EPG, and back when they are two', () => {
    const slice = sliceOf('n1', { a: 'g1', b: 'g2' });
    moves.told(slice);
    joined = { g2: 'g1' };
    assert.deepEqual(moves.underWay(slicesOf(slice)), [{ from: 'epg-g2', to: 'epg-g1' }]);
    moves.told(slice);
    joined = {};
    moves.told(slice);
    assert.ok(!moves.areComing(slicesOf(slice)));
  });

  it('are over after a while, also when the clock is put back', async () => {
    moves.told(sliceOf('n1', { a: 'g1' }));
    moves.told(sliceOf('n1', { a: 'g2' }));
    clock.set(-3_600_000);
    assert.equal(moves.hostsFollowInMs, FOLLOW_MS);
    clock.pass(FOLLOW_MS);
    assert.equal(moves.hostsFollowInMs, 0);
  });

  it('are no more when the slice is taken back before a host was told', () => {
    const before = sliceOf('n1', { a: 'g1' });
    moves.told(before);
    assert.equal(moves.underWay(slicesOf(sliceOf('n1', { a: 'g2' }))).length, 1);
    assert.deepEqual(moves.underWay(slicesOf(before)), []);
  });

  it('are from wherever the host may be while nobody knows whether it was told', async () => {
    const before = sliceOf('n1', { a: 'g1', b: 'g1' });
    moves.told(before);
    const still = slicesOf(before);
    assert.deepEqual(moves.underWay(still), []);
    moves.telling(sliceOf('n1', { a: 'g2', b: 'g1' }));
    moves.telling(sliceOf('n1', { a: 'g2', b: 'g1' }));
    const back = [{ from: 'epg-g2', to: 'epg-g1' }];
    assert.deepEqual(moves.underWay(still), back);
    assert.ok(moves.areComing(still));
    assert.deepEqual(moves.underWay(slicesOf(sliceOf('n1', { a: 'g3' }))), [
      { from: 'epg-g1', to: 'epg-g3' },
      { from: 'epg-g2', to: 'epg-g3' },
    ]);
    moves.told(before);
    assert.ok(!moves.areComing(slicesOf(before)));
    assert.deepEqual(moves.underWay(slicesOf(before)), back);
    await clock.advance(FOLLOW_MS);
    assert.deepEqual(moves.underWay(slicesOf(before)), []);
  });

  it('are the same in the same order before and after the hosts were told', () => {
    const [one, two] = [sliceOf('n1', { a: 'g1' }), sliceOf('n2', { b: 'g3' })];
    for (const slice of [one, two]) moves.told(slice);
    const next = [sliceOf('n1', { a: 'g4' }), sliceOf('n2', { b: 'g2' })];
    const wanted = moves.underWay(slicesOf(...next));
    assert.equal(wanted.length, 2);
    for (const slice of next.toReversed()) {
      moves.told(slice);
      assert.deepEqual(moves.underWay(slicesOf(...next)), wanted);
    }
  });

  it('are known of slices that an earlier process published, of which nobody knows when hosts were told', async () => {
    moves.found(sliceOf('n1', { a: 'g1' }));
    assert.equal(moves.hostsFollowInMs, FOLLOW_MS);
    await clock.advance(FOLLOW_MS);
    assert.deepEqual(moves.underWay(slicesOf(sliceOf('n1', { a: 'g2' }))), [{ from: 'epg-g1', to: 'epg-g2' }]);
    moves.found(sliceOf('n1', { a: 'g2' }));
    assert.equal(moves.hostsFollowInMs, 0, 'what this process knows better is not read back');
  });

  it('are none of a pod that is new, gone or on another node, and of none without a VLAN', () => {
    moves.told(sliceOf('n1', { a: 'g1', b: 'g1' }));
    moves.told(sliceOf('n2', { c: 'g1' }));
    assert.deepEqual(moves.underWay(slicesOf(sliceOf('n1', { a: 'g1', d: 'g2' }), sliceOf('n2', { b: 'g2' }))), []);
    moves.gone('n1');
    assert.deepEqual(moves.underWay(slicesOf(sliceOf('n1', { a: 'g2' }), sliceOf('n2', { c: 'g1' }))), []);
    const bare = sliceOf('n2', { c: 'g5' });
    const withoutVlan = { ...bare, endpoints: bare.endpoints.map(({ vlan: _vlan, ...rest }) => rest) };
    assert.deepEqual(moves.underWay(slicesOf(withoutVlan)), []);
  });

  it('keep hosts waiting, and need no bridge, where only the VLAN of a group is another', () => {
    moves.told(sliceOf('n1', { a: 'g1' }));
    const slice = sliceOf('n1', { a: 'g1' });
    const next = { ...slice, endpoints: slice.endpoints.map((endpoint) => ({ ...endpoint, vlan: 77 })) };
    assert.deepEqual(moves.underWay(slicesOf(next)), []);
    moves.told(next);
    assert.equal(moves.hostsFollowInMs, FOLLOW_MS);
  });

  it('do not ask for slices as long as pods stay where they were, none of which is to move', () => {
    moves.told(sliceOf('n1', { a: 'g1' }));
    const placement = {};
    const still: PlacedPods = { placement, nodes: new Map([['n1', sliceOf('n1', { a: 'g1' })]]) };
    assert.deepEqual(moves.underWay(still), []);
    const unread: PlacedPods = {
      placement,
      get nodes(): PlacedPods['nodes'] {
        return assert.fail('the slices were asked for');
      },
    };
    assert.deepEqual(moves.underWay(unread), []);
    moves.told({ ...sliceOf('n1', { a: 'g1' }), revision: 'other permits' });
    assert.deepEqual(moves.underWay(unread), []);
    moves.telling(sliceOf('n1', { a: 'g1', b: 'g1' }));
    assert.deepEqual(moves.underWay(unread), [], 'one that is new is not to move');
    moves.found(sliceOf('n2', { b: 'g1' }));
    const found: PlacedPods = { placement, nodes: new Map([['n2', sliceOf('n2', { b: 'g2' })]]) };
    assert.equal(moves.underWay(found).length, 1, 'of what was found out since then it is not known');
  });
});

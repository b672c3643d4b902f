import assert from 'node:assert/strict';
import type { FlatObject } from '#model/aci';
import type { KubernetesObject } from '#model/kubernetes';
import { readGroupPattern } from '#model/settings';
import { silentLogger } from '#runtime';
import { keptInMemory } from '#support/kept-objects';
import { ManualClock } from '#support/manual-clock';
import { conditionsOf } from '../../../workers/inventory/conditions.js';
import { FabricGroups } from '../../../workers/inventory/fabric-groups.js';
import { InventoryMirror } from '../../../workers/inventory/inventory-mirror.js';

const group = (name: string): FlatObject => ({
  className: 'l3extInstP',
  dn: `uni/tn-k8s/out-wan/instP-${name}`,
  attributes: { name },
});

describe('FabricGroups of a gateway that starts', () => {
  let isFabricKnown: boolean;
  let isLost: boolean;
  let own: string[];
  /** What happens while a write is on its way. */
  let onWrite: () => void;
  let there: Map<string, KubernetesObject>;
  let groups: FabricGroups;
  let mirror: InventoryMirror;
  let clock: ManualClock;
  const signal = new AbortController().signal;

  beforeEach(() => {
    clock = new ManualClock();
    isFabricKnown = false;
    isLost = false;
    own = [];
    onWrite = () => undefined;
    mirror = new InventoryMirror({ keeps: () => true, changed: () => undefined, log: silentLogger });
    const pattern = readGroupPattern('uni/tn-k8s/out-wan/instP-*');
    assert.ok(pattern !== undefined);
    const kept = keptInMemory();
    there = kept.objects;
    groups = new FabricGroups({
      mirror,
      isFabricKnown: () => isFabricKnown,
      writer: {
        ...kept.writer,
        applyStatus: async (...given) => {
          onWrite();
          await kept.writer.applyStatus(...given);
          if (isLost) throw new Error('the answer was lost');
        },
        remove: async (...given) => {
          await kept.writer.remove(...given);
          if (isLost) throw new Error('the answer was lost');
        },
      },
      patterns: [pattern],
      isOwn: (dn) => own.includes(dn),
      clusterId: 'test',
      timing: { staleMs: 60_000, auditMs: 300_000, refusedAgainMs: 1000, failedAgainMs: 1000 },
      clock,
      log: silentLogger,
    });
    mirror.replaced([group('ours'), group('theirs')]);
  });

  it('are not written before its own groups can be told from others', async () => {
    await groups.run(signal);
    assert.equal(there.size, 0);
    isFabricKnown = true;
    own = [group('ours').dn];
    await groups.run(signal);
    assert.deepEqual([...there.keys()], ['FabricGroup/ext.k8s.wan.theirs']);
  });

  it('say after a while that they are not current, also when the clock is put back', async () => {
    isFabricKnown = true;
    await groups.run(signal);
    const current = (): readonly (string | undefined)[] =>
      [...there.values()].map((object) => conditionsOf(object).find(({ type }) => type === 'Current')?.status);
    mirror.lost('the APIC is away');
    await groups.run(signal);
    assert.deepEqual(current(), ['True', 'True']);
    clock.set(-3_600_000);
    await clock.advance(60_000);
    await groups.run(signal);
    assert.deepEqual(current(), ['False', 'False']);
  });

  it('are written again after a write of which the answer was lost, though they are to say the same as before', async () => {
    isFabricKnown = true;
    await groups.run(signal);
    const current = (): readonly (string | undefined)[] =>
      [...there.values()].map((object) => conditionsOf(object).find(({ type }) => type === 'Current')?.status);
    mirror.lost('the APIC is away');
    await groups.run(signal);
    await clock.advance(60_000);
    isLost = true;
    await groups.run(signal);
    assert.deepEqual(current(), ['False', 'False']);
    isLost = false;
    mirror.replaced([group('ours'), group('theirs')]);
    await groups.run(signal);
    assert.deepEqual(current(), ['True', 'True']);
  });

  it('are made again after a deletion of which the answer was lost', async () => {
    isFabricKnown = true;
    await groups.run(signal);
    isLost = true;
    mirror.replaced([group('theirs')]);
    await groups.run(signal);
    assert.equal(there.size, 1);
    isLost = false;
    mirror.replaced([group('ours'), group('theirs')]);
    await groups.run(signal);
    assert.equal(there.size, 2);
  });

  it('stay when their group comes back, or nobody can tell any more, while others are written', async () => {
    isFabricKnown = true;
    await groups.run(signal);
    const events = [() => mirror.changed({ kind: 'created', ...group('ours') }), () => mirror.lost('the APIC is away')];
    for (const [turn, event] of events.entries()) {
      mirror.replaced([group('theirs'), group(`new-${turn}`)]);
      onWrite = event;
      await groups.run(signal);
      assert.ok(there.has('FabricGroup/ext.k8s.wan.ours'), `${turn}`);
    }
    onWrite = () => undefined;
    mirror.replaced([group('theirs')]);
    await groups.run(signal);
    assert.deepEqual([...there.keys()], ['FabricGroup/ext.k8s.wan.theirs']);
  });

  it('go when a group turns out to be its own', async () => {
    isFabricKnown = true;
    await groups.run(signal);
    assert.equal(there.size, 2);
    own = [group('ours').dn];
    await groups.run(signal);
    assert.deepEqual([...there.keys()], ['FabricGroup/ext.k8s.wan.theirs']);
  });
});

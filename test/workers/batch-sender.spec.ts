import assert from 'node:assert/strict';
import { GatewayError } from '#errors';
import { type Batch, batchOf, type Change } from '#fabric';
import { flatten, isWithin, parentDn } from '#model/aci';
import { silentLogger } from '#runtime';
import { desiredStateOf } from '#support/desired-state';
import { ManualClock } from '#support/manual-clock';
import { ScriptedApic } from '#support/scripted-apic';
import { OWN_FABRIC } from '#support/settings';
import { directPoster } from '../../workers/batch-poster.js';
import { BatchSender } from '../../workers/batch-sender.js';
import { FabricMirror } from '../../workers/fabric-mirror.js';
import { ParkedObjects } from '../../workers/parked-objects.js';

const PROFILE = 'uni/tn-k8s/ap-k8s-test';
const EPG = (name: string): string => `${PROFILE}/epg-${name}`;
const NAMES = ['good', 'missed', 'second', 'third', 'unlike'];
/** Looks at the fabric that an object gets before it is refused like any other. */
const LOOKS = 5;
const MISSING = new GatewayError('APIC_REJECTED', 'configured object not found (code 102)', { disposition: 'reread' });

describe('batch sender: objects that the APIC says are not there', () => {
  const wanted = desiredStateOf({
    namespaces: NAMES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
  });
  let missing: ReadonlySet<string>;
  let parked: ParkedObjects;
  let sender: BatchSender;

  /** A POST that makes the EPGs, with the application profile at its top whatever is in it. */
  const batchWith = (...names: readonly string[]): Batch =>
    batchOf(
      PROFILE,
      [...wanted.objects.values()]
        .filter(({ dn }) => names.some((name) => isWithin(dn, EPG(name))))
        .map((object): Change => ({ kind: 'create', object, fields: Object.keys(object.attributes) })),
    );
  const post = (batch: Batch): Promise<boolean> => sender.post(batch, new AbortController().signal, () => true);
  const isMissed = (batch: Batch): Promise<void> => assert.rejects(post(batch), MISSING);

  beforeEach(() => {
    const apic = new ScriptedApic();
    missing = new Set([EPG('missed')]);
    parked = new ParkedObjects();
    const poster = directPoster({
      post: (dn, tree) =>
        flatten(tree, parentDn(dn) ?? '').some((object) => missing.has(object.dn))
          ? Promise.reject(MISSING)
          : apic.post(dn, tree),
    });
    const fabric = new FabricMirror(() => undefined, silentLogger);
    fabric.replaced([]);
    sender = new BatchSender(
      { poster, fabric, desired: () => wanted, settings: OWN_FABRIC, clock: new ManualClock(), log: silentLogger },
      parked,
    );
  });

  it('are refused after their looks, though other POSTs with the same top are taken in between', async () => {
    for (let look = 0; look < LOOKS; look += 1) {
      await post(batchWith('good', 'second'));
      await isMissed(batchWith('missed', 'third'));
    }
    await post(batchWith('good', 'second'));
    await post(batchWith('missed', 'third'));
    assert.deepEqual(parked.dns, [EPG('missed')]);
  });

  it('have looks of their own, though others with the same top were missed before', async () => {
    for (let look = 0; look < LOOKS; look += 1) await isMissed(batchWith('missed', 'third'));
    missing = new Set([EPG('unlike')]);
    for (let look = 0; look < LOOKS; look += 1) await isMissed(batchWith('unlike', 'good'));
    assert.deepEqual(parked.dns, []);
    await post(batchWith('unlike', 'good'));
    assert.deepEqual(parked.dns, [EPG('unlike')]);
  });

  it('are not parked when what the APIC refuses is not to be made any more by then', async () => {
    missing = new Set([EPG('third')]);
    for (let look = 0; look < LOOKS; look += 1) await isMissed(batchWith('third'));
    await sender.post(batchWith('third'), new AbortController().signal, () => false);
    assert.deepEqual(parked.dns, []);
    await post(batchWith('third'));
    assert.deepEqual(parked.dns, [EPG('third')]);
  });

  it('begin anew with the looks when the APIC has taken them', async () => {
    for (let look = 0; look < LOOKS; look += 1) await isMissed(batchWith('missed', 'third'));
    missing = new Set();
    await post(batchWith('missed', 'third'));
    missing = new Set([EPG('missed')]);
    for (let look = 0; look < LOOKS; look += 1) await isMissed(batchWith('missed', 'third'));
    assert.deepEqual(parked.dns, []);
  });
});

describe('batch sender: what its user may not write', () => {
  const wanted = desiredStateOf({
    namespaces: ['one', 'two'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
  });
  const forbidden = new GatewayError('APIC_SESSION', 'the session is not valid', { disposition: 'wait' });

  it('is not parked when two POSTs that were on their way together are refused once', async () => {
    let isRefusing = true;
    const post = async (): Promise<void> => {
      await new Promise(setImmediate);
      if (isRefusing) throw forbidden;
    };
    const fabric = new FabricMirror(() => undefined, silentLogger);
    fabric.replaced([]);
    const parked = new ParkedObjects();
    const context = { poster: directPoster({ post }), fabric, desired: () => wanted, settings: OWN_FABRIC };
    const sender = new BatchSender({ ...context, clock: new ManualClock(), log: silentLogger }, parked);
    const send = (): Promise<PromiseSettledResult<boolean>[]> =>
      Promise.allSettled(
        ['one', 'two'].map((name) => {
          const object = wanted.objects.get(EPG(name)) ?? assert.fail(name);
          const change: Change = { kind: 'create', object, fields: [] };
          return sender.post(batchOf(PROFILE, [change]), new AbortController().signal, () => true);
        }),
      );
    assert.deepEqual(
      (await send()).map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    assert.deepEqual(parked.dns, [], 'one lost session is no refusal');
    await send();
    assert.deepEqual(parked.dns, [EPG('one'), EPG('two')]);
    isRefusing = false;
    parked.clear();
    await send();
    assert.deepEqual(parked.dns, []);
  });

  it('is not parked when it is refused once, and once more long after other POSTs were taken', async () => {
    let refused = new Set<string>([EPG('one')]);
    const fabric = new FabricMirror(() => undefined, silentLogger);
    fabric.replaced([]);
    const parked = new ParkedObjects();
    const poster = directPoster({ post: (dn) => (refused.has(dn) ? Promise.reject(forbidden) : Promise.resolve()) });
    const clock = new ManualClock();
    const context = { poster, fabric, desired: () => wanted, settings: OWN_FABRIC, clock, log: silentLogger };
    const sender = new BatchSender(context, parked);
    const send = (name: string): Promise<boolean> => {
      const object = wanted.objects.get(EPG(name)) ?? assert.fail(name);
      const change: Change = { kind: 'create', object, fields: [] };
      return sender.post(batchOf(EPG(name), [change]), new AbortController().signal, () => true);
    };
    await assert.rejects(send('one'));
    refused = new Set();
    await send('two');
    clock.pass(3_600_000);
    refused = new Set([EPG('one')]);
    await assert.rejects(send('one'));
    assert.deepEqual(parked.dns, []);
    clock.pass(300_000);
    await send('one');
    assert.deepEqual(parked.dns, [EPG('one')]);
  });
});

import assert from 'node:assert/strict';
import { GatewayError } from '#errors';
import { changesOf, type FabricPlan } from '#fabric';
import type { FlatObject } from '#model/aci';
import type { KubernetesObject } from '#model/kubernetes';
import { type ApplySettings, DEFAULT_APPLY_SETTINGS } from '#model/settings';
import { silentLogger, systemClock } from '#runtime';
import { desiredStateOf } from '#support/desired-state';
import { ScriptedApic } from '#support/scripted-apic';
import { OWN_FABRIC } from '#support/settings';
import { type ApplyContext, ApplyWorker } from '../../workers/apply-worker.js';
import { type BatchPoster, directPoster } from '../../workers/batch-poster.js';
import type { DesiredState } from '../../workers/desired-state.js';
import { FabricMirror } from '../../workers/fabric-mirror.js';

const namespace = (name: string): KubernetesObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
const desiredFor = (...names: readonly string[]): DesiredState => desiredStateOf({ namespaces: names.map(namespace) });
const EPG = (name: string): string => `uni/tn-k8s/ap-k8s-test/epg-${name}`;

/** Settings under which more objects than that wait for approval. */
const asking = (maxDeletes: number): ApplySettings => ({
  ...DEFAULT_APPLY_SETTINGS,
  approval: { maxDeletes, maxDeleteShare: 1, shareCountsFrom: 0 },
});

describe('apply worker: plans', () => {
  let apic: ScriptedApic;
  let fabric: FabricMirror;
  let desired: DesiredState;
  let warnings: Readonly<Record<string, unknown>>[];
  const signal = new AbortController().signal;

  const workerWith = (more: Partial<ApplyContext> = {}): ApplyWorker => {
    const log = { ...silentLogger, warn: (fields: Readonly<Record<string, unknown>>) => void warnings.push(fields) };
    return new ApplyWorker({
      poster: directPoster(apic),
      fabric,
      desired: () => desired,
      settings: OWN_FABRIC,
      clock: systemClock(),
      log,
      ...more,
    });
  };
  /** The fabric as it is when these namespaces were there. */
  const startWith = async (...names: readonly string[]): Promise<void> => {
    desired = desiredFor(...names);
    fabric.replaced([]);
    await workerWith().run(signal);
    apic.posts = 0;
    apic.taken.length = 0;
  };
  const planOf = (worker: ApplyWorker): FabricPlan => worker.planNow() ?? assert.fail('no plan');

  beforeEach(() => {
    apic = new ScriptedApic();
    fabric = new FabricMirror(() => undefined, silentLogger);
    warnings = [];
  });

  describe('that are out of date', () => {
    it('does nothing when the plan of now is another one', async () => {
      await startWith('one', 'two');
      desired = desiredFor('one');
      const worker = workerWith();
      const plan = planOf(worker);
      fabric.changed({ kind: 'deleted', className: 'fvAEPg', dn: EPG('one'), attributes: {} });
      assert.equal(await worker.apply(plan, signal), 'outdated');
      assert.equal(apic.posts, 0);
      assert.equal(await worker.apply(planOf(worker), signal), 'applied');
      assert.ok(fabric.objects.has(EPG('one')) && !fabric.objects.has(EPG('two')));
    });

    it('takes nothing away that is wanted again since a POST was refused, when its halves are tried', async () => {
      await startWith('one', 'two', 'three');
      desired = desiredFor('one');
      let refused = 0;
      const poster = directPoster({
        post: (dn, tree) => {
          if (refused > 0) return apic.post(dn, tree);
          refused += 1;
          desired = desiredFor('one', 'two', 'three');
          return Promise.reject(new GatewayError('APIC_REJECTED', 'no', { disposition: 'park' }));
        },
      });
      const worker = workerWith({ poster });
      await worker.run(signal);
      assert.deepEqual(apic.taken, [], 'nothing is posted by a plan that is not the one to make any more');
      assert.deepEqual(worker.findings, [], 'nor is anything parked for it');
      await worker.run(signal);
      assert.ok(worker.settled);
    });

    it('takes nothing away when what was to be made before was left out: a part of it was there by then', async () => {
      await startWith('one');
      desired = desiredFor('two');
      let asked = 0;
      const poster: BatchPoster = {
        atOnce: 1,
        post: (batch, until, mayBegin) => {
          asked += 1;
          const one = batch.changes.at(-1);
          // While it waited for Redis, an event told of an object that a POST of before had made.
          if (asked === 1 && one !== undefined) fabric.changed({ kind: 'created', ...one.object });
          try {
            mayBegin();
          } catch (error) {
            return Promise.reject(error);
          }
          return directPoster(apic).post(batch, until, mayBegin);
        },
      };
      const worker = workerWith({ poster, apply: { ...DEFAULT_APPLY_SETTINGS, batchObjects: 1 } });
      await worker.run(signal);
      assert.equal(asked, 1, 'the plan is not the one to make any more');
      assert.deepEqual(apic.taken, []);
      for (let runs = 0; runs < 3; runs += 1) await worker.run(signal);
      assert.ok(worker.settled && !fabric.objects.has(EPG('one')));
    });

    it('does not delete what is wanted again since the first POST', async () => {
      await startWith('one', 'two');
      desired = desiredFor('one', 'three');
      const worker = workerWith();
      apic.onPost = (number) => {
        if (number === 1) desired = desiredFor('one', 'two', 'three');
      };
      await worker.run(signal);
      assert.ok(apic.posts > 0);
      assert.ok(!apic.taken.some(({ attributes }) => attributes['status'] === 'deleted'));
      assert.equal(worker.settled, false);
      await worker.run(signal);
      await worker.run(signal);
      assert.ok(worker.settled && fabric.objects.has(EPG('two')) && fabric.objects.has(EPG('three')));
    });

    it('does not delete what is wanted again as it is', async () => {
      await startWith('one', 'two');
      const described = ([dn, object]: [string, FlatObject]): [string, FlatObject] =>
        dn === EPG('one') ? [dn, { ...object, attributes: { ...object.attributes, descr: 'new' } }] : [dn, object];
      const all = new Map([...desired.objects].map(described));
      const some = new Map([...all].filter(([dn]) => !dn.includes(EPG('two'))));
      const given = desired;
      desired = { ...given, objects: some };
      const worker = workerWith();
      apic.onPost = (number) => {
        if (number === 1) desired = { ...given, objects: all };
      };
      await worker.run(signal);
      assert.equal(apic.posts, 1);
      assert.ok(fabric.objects.has(EPG('two')));
    });

    it('takes nothing away before what came to be wanted meanwhile is made', async () => {
      await startWith('one', 'two');
      desired = desiredFor('one', 'three');
      const worker = workerWith();
      apic.onPost = (number) => {
        // A name that comes last: the VLANs of the others stay.
        if (number === 1) desired = desiredFor('one', 'three', 'zulu');
      };
      await worker.run(signal);
      apic.onPost = () => undefined;
      await worker.run(signal);
      const made = apic.taken.findIndex(({ dn }) => dn === EPG('zulu'));
      const gone = apic.taken.findIndex(
        ({ dn, attributes }) => dn === EPG('two') && attributes['status'] === 'deleted',
      );
      assert.ok(made >= 0 && gone > made, `made at ${made}, gone at ${gone}`);
    });

    it('makes nothing below an object of an admin’s that went away meanwhile', async () => {
      await startWith('one');
      desired = { ...desiredFor('one', 'two'), references: ['uni/tn-k8s/out-admin'] };
      fabric.changed({ kind: 'created', className: 'l3extOut', dn: 'uni/tn-k8s/out-admin', attributes: {} });
      const worker = workerWith({ apply: { ...DEFAULT_APPLY_SETTINGS, batchObjects: 1 } });
      apic.onPost = (number) => {
        if (number === 1)
          fabric.changed({ kind: 'deleted', className: 'l3extOut', dn: 'uni/tn-k8s/out-admin', attributes: {} });
      };
      await worker.run(signal);
      assert.equal(apic.posts, 1);
      await worker.run(signal);
      assert.deepEqual(worker.missing, ['uni/tn-k8s/out-admin']);
    });

    it('takes away what nobody wants while bindings below a missing object of an admin’s cannot be made', async () => {
      await startWith('one', 'two');
      const profile = [...fabric.objects.values()].find(({ className }) => className === 'infraAttEntityP');
      assert.ok(profile !== undefined);
      fabric.changed({ ...profile, kind: 'deleted' });
      desired = { ...desiredFor('one'), references: [profile.dn] };
      const hosts = {
        follow: (mayFollow: () => boolean) => Promise.resolve(mayFollow() ? 0 : 1),
        areMovesComing: false,
        movesEndInMs: 0,
      };
      const worker = workerWith({ hosts });
      await worker.run(signal);
      assert.equal(worker.hostsFollowInMs, undefined);
      assert.deepEqual(worker.missing, [profile.dn]);
      assert.ok(!fabric.objects.has(EPG('two')));
      assert.ok(worker.mayFollow, 'nothing that can be made is missing');
    });

    it('goes on when only events confirm what it wrote', async () => {
      desired = desiredFor('one', 'two');
      fabric.replaced([]);
      const worker = workerWith({ apply: { ...DEFAULT_APPLY_SETTINGS, batchObjects: 5 } });
      apic.onPost = () => {
        for (const { className, dn, attributes } of apic.taken.splice(0)) {
          fabric.changed({ kind: 'created', className, dn, attributes: { ...attributes, uid: '15374', modTs: 'now' } });
        }
      };
      const plan = planOf(worker);
      assert.equal(await worker.apply(plan, signal), 'applied');
      assert.equal(apic.posts, plan.phases.flatMap(({ batches }) => batches).length);
    });
  });

  it('keeps POSTs within the settings', async () => {
    desired = desiredFor(...Array.from({ length: 30 }, (_, index) => `ns-${index}`));
    fabric.replaced([]);
    const worker = workerWith({ apply: { ...DEFAULT_APPLY_SETTINGS, batchObjects: 40 } });
    await worker.run(signal);
    assert.ok(apic.posts > 5, `${apic.posts}`);
  });

  it('compares its plan with a whole one, and takes that when they differ', async () => {
    await startWith('one');
    const worker = workerWith();
    await worker.run(signal);
    assert.equal(worker.audit(), false);
    // Somebody changes the map behind the mirror's back: nobody tells the plan.
    (fabric.objects as Map<string, unknown>).delete(EPG('one'));
    assert.equal(planOf(worker).counts.create, 0);
    assert.equal(worker.audit(), true);
    assert.deepEqual(worker.audits, { done: 2, differences: 1 });
    assert.equal(planOf(worker).counts.create, 1);
  });

  describe('with more deletions than go unasked', () => {
    const waitingHash = (worker: ApplyWorker): string => worker.waiting?.hash ?? assert.fail('nothing waits');

    beforeEach(async () => {
      await startWith('one', 'two');
      desired = desiredFor('one', 'three');
    });

    it('makes everything but the deletions, and says what waits, how much, and the command', async () => {
      const worker = workerWith({ apply: asking(3) });
      await worker.run(signal);
      await worker.run(signal);
      assert.ok(fabric.objects.has(EPG('two')) && fabric.objects.has(EPG('three')));
      assert.ok(worker.settled);
      const hash = waitingHash(worker);
      const [finding] = worker.findings;
      assert.equal(finding?.code, 'APPROVAL_NEEDED');
      assert.match(finding?.message ?? '', new RegExp(`${EPG('two')}.* objects .*acigw approve ${hash}`));
      assert.deepEqual(
        warnings.map(({ command }) => command),
        [`acigw approve ${hash}`],
        'it is said once',
      );
      assert.equal(warnings[0]?.['objects'], worker.waiting?.objects);
      assert.ok((worker.waiting?.objects ?? 0) > 3);
    });

    it('makes them when they are approved, and only those of the hash', async () => {
      const worker = workerWith({ apply: asking(3) });
      await worker.run(signal);
      const hash = waitingHash(worker);
      assert.equal(worker.approve('another'), false);
      await worker.run(signal);
      assert.ok(fabric.objects.has(EPG('two')));
      assert.equal(worker.approve(hash), true);
      assert.equal(worker.settled, false);
      await worker.run(signal);
      assert.ok(!fabric.objects.has(EPG('two')));
      assert.equal(worker.waiting, undefined);
      assert.deepEqual(worker.findings, []);
    });

    it('does not lose the approval when something is added or goes as well: that waits for one of its own', async () => {
      const worker = workerWith({ apply: asking(3) });
      await worker.run(signal);
      const hash = waitingHash(worker);
      desired = desiredFor('one', 'three', 'four');
      await worker.run(signal);
      assert.equal(waitingHash(worker), hash);
      assert.equal(worker.approve(hash), true);
      desired = desiredFor('three', 'four');
      await worker.run(signal);
      assert.ok(!fabric.objects.has(EPG('two')) && fabric.objects.has(EPG('one')));
      assert.notEqual(waitingHash(worker), hash);
    });

    it('takes the hash of what somebody was shown when more waits by then, and leaves that', async () => {
      const worker = workerWith({ apply: asking(3) });
      await worker.run(signal);
      const shown = waitingHash(worker);
      desired = desiredFor('three');
      await worker.run(signal);
      assert.notEqual(waitingHash(worker), shown);
      assert.equal(worker.approve(shown), true);
      await worker.run(signal);
      await worker.run(signal);
      assert.ok(!fabric.objects.has(EPG('two')) && fabric.objects.has(EPG('one')));
      assert.ok(worker.settled);
      assert.equal(worker.approve(shown), false, 'nothing of it is left');
      assert.equal(worker.approve(waitingHash(worker)), true);
      await worker.run(signal);
      assert.ok(!fabric.objects.has(EPG('one')));
    });

    it('makes of what was approved only what nobody wants by then', async () => {
      desired = desiredFor('three');
      const worker = workerWith({ apply: asking(3) });
      await worker.run(signal);
      assert.equal(worker.approve(waitingHash(worker)), true);
      desired = desiredFor('one', 'three');
      await worker.run(signal);
      assert.ok(!fabric.objects.has(EPG('two')) && fabric.objects.has(EPG('one')));
      desired = desiredFor('three');
      await worker.run(signal);
      assert.ok(fabric.objects.has(EPG('one')), 'it goes for another reason now');
      waitingHash(worker);
    });

    it('asks again when the same objects came back and go once more', async () => {
      desired = desiredFor('one');
      const worker = workerWith({ apply: asking(3) });
      await worker.run(signal);
      const hash = waitingHash(worker);
      worker.approve(hash);
      await worker.run(signal);
      assert.ok(!fabric.objects.has(EPG('two')));
      desired = desiredFor('one', 'two');
      await worker.run(signal);
      assert.ok(fabric.objects.has(EPG('two')));
      desired = desiredFor('one');
      await worker.run(signal);
      assert.ok(fabric.objects.has(EPG('two')), 'nobody approved that');
      assert.equal(waitingHash(worker), hash, 'they are the same');
    });

    it('carries approved deletions out to their end, through a failure in between', async () => {
      desired = desiredFor('three');
      const worker = workerWith({ apply: { ...asking(3), batchObjects: 1 } });
      await worker.run(signal);
      worker.approve(waitingHash(worker));
      let done = 0;
      apic.onPost = () => {
        done += 1;
        if (done === 2) apic.failure = new GatewayError('APIC_BUSY', 'busy', { disposition: 'retry' });
      };
      await assert.rejects(worker.run(signal), { code: 'APIC_BUSY' });
      const left = changesOf(planOf(worker)).filter(({ kind }) => kind === 'delete');
      assert.ok(left.length > 0);
      apic.failure = undefined;
      await worker.run(signal);
      assert.ok(!fabric.objects.has(EPG('one')) && !fabric.objects.has(EPG('two')));
    });

    it('asks again after a restart', async () => {
      const first = workerWith({ apply: asking(3) });
      await first.run(signal);
      first.approve(waitingHash(first));
      const second = workerWith({ apply: asking(3) });
      fabric.replaced([...fabric.objects.values()]);
      await second.run(signal);
      assert.ok(fabric.objects.has(EPG('two')));
      waitingHash(second);
    });

    it('asks by the share of our objects, but not for a few', async () => {
      const by = (maxDeleteShare: number, shareCountsFrom: number): ApplySettings => ({
        ...DEFAULT_APPLY_SETTINGS,
        approval: { maxDeletes: 1000, maxDeleteShare, shareCountsFrom },
      });
      assert.equal(planOf(workerWith({ apply: by(0.05, 0) })).waiting.changes.length > 0, true);
      fabric.replaced([...fabric.objects.values()]);
      assert.equal(planOf(workerWith({ apply: by(0.05, 50) })).waiting.changes.length > 0, false);
      fabric.replaced([...fabric.objects.values()]);
      assert.equal(planOf(workerWith({ apply: by(0.9, 0) })).waiting.changes.length > 0, false);
    });

    it('lets the deletions of an ordinary day go with the settings that come by default', async () => {
      const worker = workerWith();
      await worker.run(signal);
      assert.ok(!fabric.objects.has(EPG('two')));
    });
  });
});

import assert from 'node:assert/strict';
import { GatewayError } from '#errors';
import { type FlatObject, flatten, parentDn } from '#model/aci';
import type { KubernetesObject } from '#model/kubernetes';
import type { FabricSettings } from '#model/settings';
import { silentLogger, systemClock } from '#runtime';
import { desiredStateOf } from '#support/desired-state';
import { ScriptedApic } from '#support/scripted-apic';
import { OWN_FABRIC } from '#support/settings';
import { ApplyWorker } from '../../workers/apply-worker.js';
import { directPoster } from '../../workers/batch-poster.js';
import type { DesiredState } from '../../workers/desired-state.js';
import { FabricMirror } from '../../workers/fabric-mirror.js';

/** What the gateway wants for namespaces of these names. */
const desiredFor = (...namespaces: readonly string[]): DesiredState =>
  desiredStateOf({
    namespaces: namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
  });

const EPG = (name: string): string => `uni/tn-k8s/ap-k8s-test/epg-${name}`;

describe('apply worker', () => {
  let apic: ScriptedApic;
  let fabric: FabricMirror;
  let desired: DesiredState;
  let worker: ApplyWorker;
  const run = (): Promise<void> => worker.run(new AbortController().signal);
  const workerBy = (poster: ReturnType<typeof directPoster>): ApplyWorker =>
    new ApplyWorker({
      poster,
      fabric,
      desired: () => desired,
      settings: OWN_FABRIC,
      clock: systemClock(),
      log: silentLogger,
    });

  beforeEach(() => {
    apic = new ScriptedApic();
    fabric = new FabricMirror(() => undefined, silentLogger);
    desired = desiredFor('good', 'other');
    worker = workerBy(directPoster(apic));
  });

  it('writes nothing before the fabric was listed, nor after the picture was lost', async () => {
    await run();
    fabric.replaced([]);
    fabric.lost('socket closed');
    await run();
    assert.equal(apic.posts, 0);
    assert.equal(worker.settled, false);
  });

  it('writes what is missing, then has nothing left to write', async () => {
    fabric.replaced([]);
    await run();
    assert.ok(fabric.objects.has(EPG('good')));
    const { posts } = apic;
    await run();
    assert.equal(apic.posts, posts);
    assert.ok(worker.settled);
  });

  it('does not take its own POST for newer than what events tell before the answer', async () => {
    fabric.replaced([]);
    await run();
    const [contract] = [...fabric.objects.values()].filter(({ className }) => className === 'vzBrCP');
    assert.ok(contract !== undefined);
    const edit = (attributes: Readonly<Record<string, string>>): void =>
      fabric.changed({ ...contract, kind: 'modified', attributes });
    for (const after of [() => edit({ scope: 'global' }), () => fabric.changed({ ...contract, kind: 'deleted' })]) {
      edit({ scope: 'tenant' });
      // The POST puts it right; then somebody changes it, and the event of that is read before the answer to the POST.
      apic.onPost = () => {
        apic.onPost = () => undefined;
        edit({ scope: 'context' });
        after();
      };
      await run();
      assert.notEqual(fabric.objects.get(contract.dn)?.attributes['scope'], 'context');
      assert.equal(worker.settled, false);
      await run();
      await run();
      assert.equal(fabric.objects.get(contract.dn)?.attributes['scope'], 'context');
      assert.ok(worker.settled);
    }
  });

  it('keeps faults apart: they unsettle nothing, and go with their object', async () => {
    const fault = `${EPG('good')}/fault-F0467`;
    const inst: FlatObject = { className: 'faultInst', dn: fault, attributes: { code: 'F0467', lc: 'soaking' } };
    fabric.replaced([inst]);
    assert.ok(!fabric.objects.has(fault) && fabric.faults.has(fault));
    await run();
    await run();
    fabric.changed({ kind: 'modified', ...inst, attributes: { lc: 'raised' } });
    assert.deepEqual(fabric.faults.get(fault)?.attributes, { code: 'F0467', lc: 'raised' });
    assert.ok(worker.settled);
    fabric.changed({ kind: 'deleted', className: 'faultInst', dn: fault, attributes: {} });
    assert.equal(fabric.faults.size, 0);
    fabric.changed({ kind: 'created', ...inst });
    fabric.changed({ kind: 'deleted', className: 'fvAEPg', dn: EPG('good'), attributes: {} });
    assert.equal(fabric.faults.size, 0);
  });

  it('writes again what an event says is gone or changed', async () => {
    fabric.replaced([]);
    await run();
    await run();
    const { posts } = apic;
    fabric.changed({ kind: 'deleted', className: 'fvAEPg', dn: EPG('good'), attributes: {} });
    assert.equal(worker.settled, false);
    await run();
    assert.equal(apic.posts, posts + 1);
    const again = apic.taken.slice(-8).map(({ dn }) => dn);
    assert.ok(again.includes(`${EPG('good')}/rsbd`), 'with what is below it');
    fabric.changed({ kind: 'modified', className: 'fvAEPg', dn: EPG('good'), attributes: { descr: 'somebody else' } });
    await run();
    const [edited, mark] = apic.taken.slice(-2);
    assert.deepEqual(edited?.attributes, { name: 'good', descr: 'namespace good' });
    assert.deepEqual(mark?.attributes, { key: 'aci-gateway-owner', value: 'test' });
  });

  it('parks the one object that the APIC refuses, with the reason, and does all others', async () => {
    apic.refuses = ({ dn }) => dn === EPG('good');
    fabric.replaced([]);
    await run();
    assert.ok(fabric.objects.has(EPG('other')) && !fabric.objects.has(EPG('good')));
    assert.deepEqual(
      worker.findings.map(({ code, object }) => [code, object]),
      [['APIC_REJECTED', `ACI/${EPG('good')}`]],
    );
    assert.match(worker.findings[0]?.message ?? '', /no; parked, and tried again now and then/);
    const { posts } = apic;
    await run();
    assert.equal(apic.posts, posts, 'it is not tried again and again');
    assert.ok(worker.settled);
  });

  describe('with groups bound on paths', () => {
    const hostPaths = [{ nodes: '*', paths: ['topology/pod-1/paths-101/pathep-[{node}]'] }];
    const settings: FabricSettings = { ...OWN_FABRIC, encoding: 'path', hostPaths };
    const pod = (namespace: string, node: string, ip: string): KubernetesObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name: `on-${node}` },
      spec: { nodeName: node, containers: [] },
      status: { phase: 'Running', podIPs: [{ ip }] },
    });
    const bound = (epg: string): readonly string[] =>
      [...fabric.objects.keys()].filter((dn) => dn.startsWith(`${EPG(epg)}/rspathAtt-`));

    beforeEach(() => {
      const pods = [pod('good', 'n1', '10.244.0.2'), pod('good', 'n2', '10.244.1.2'), pod('other', 'n1', '10.244.0.3')];
      desired = desiredStateOf({ pods }, 1, settings);
      worker = new ApplyWorker({
        poster: directPoster(apic),
        fabric,
        desired: () => desired,
        settings,
        clock: systemClock(),
        log: silentLogger,
      });
      fabric.replaced([]);
    });

    it('parks one binding that is refused, and nothing else of its EPG', async () => {
      apic.refuses = ({ className, attributes }) => className === 'fvRsPathAtt' && /n2/.test(attributes['tDn'] ?? '');
      await run();
      assert.deepEqual([bound('good').length, bound('other').length], [1, 1]);
      assert.ok(fabric.objects.has(`${EPG('good')}/rsbd`));
      const refused = `ACI/${EPG('good')}/rspathAtt-[topology/pod-1/paths-101/pathep-[n2]]`;
      assert.deepEqual(
        worker.findings.map(({ object }) => object),
        [refused],
      );
    });

    it('binds nothing below an EPG that is refused: that would make an empty one', async () => {
      apic.refuses = ({ dn }) => dn === EPG('good');
      await run();
      assert.ok(!apic.taken.some(({ dn }) => dn.startsWith(EPG('good'))));
      assert.deepEqual([bound('good').length, bound('other').length], [0, 1]);
      await run();
      assert.ok(worker.settled);
    });
  });

  it('parks what its user may not write, when the APIC has said so twice, and does the rest', async () => {
    const forbidden = new GatewayError('APIC_SESSION', 'apic refused uni/infra; check the privileges of apic.user', {
      disposition: 'wait',
      retryAfterMs: 1,
    });
    const poster = directPoster({
      post: (dn, tree) => (/^uni\/(infra|phys)/.test(dn) ? Promise.reject(forbidden) : apic.post(dn, tree)),
    });
    worker = workerBy(poster);
    fabric.replaced([]);
    for (let time = 0; time < 10 && !worker.settled; time += 1)
      await run().catch((error: unknown) => assert.equal(error, forbidden));
    assert.ok(worker.settled);
    assert.ok(fabric.objects.has(EPG('good')));
    assert.ok(worker.findings.some(({ code, message }) => code === 'APIC_REJECTED' && /privileges/.test(message)));
  });

  it('tries a parked object again when what is wanted of it changes', async () => {
    apic.refuses = ({ dn }) => dn === EPG('good');
    fabric.replaced([]);
    await run();
    apic.refuses = () => false;
    await run();
    assert.ok(!fabric.objects.has(EPG('good')), 'nothing has changed');
    const changed = [...desired.objects].map(([dn, object]): [string, FlatObject] =>
      dn === EPG('good') ? [dn, { ...object, attributes: { ...object.attributes, descr: 'renamed' } }] : [dn, object],
    );
    desired = { ...desired, objects: new Map(changed) };
    await run();
    assert.ok(fabric.objects.has(EPG('good')));
    assert.deepEqual(worker.findings, []);
  });

  it('tries a parked object again when it is told to, for the cause may be gone', async () => {
    apic.refuses = ({ dn }) => dn === EPG('good');
    fabric.replaced([]);
    await run();
    assert.ok(worker.hasParked);
    apic.refuses = () => false;
    worker.retryParked();
    await run();
    assert.ok(fabric.objects.has(EPG('good')) && !worker.hasParked);
  });

  it('parks an object that the APIC says is not there, when to look at the fabric again has not helped', async () => {
    const missing = new GatewayError('APIC_REJECTED', 'configured object not found (code 102)', {
      disposition: 'reread',
    });
    const poster = directPoster({
      post: (dn, tree) =>
        flatten(tree, parentDn(dn) ?? '').some((object) => object.dn === EPG('good'))
          ? Promise.reject(missing)
          : apic.post(dn, tree),
    });
    worker = workerBy(poster);
    fabric.replaced([]);
    let looks = 0;
    while (looks < 20 && !worker.settled) {
      // What else the same POSTs make is other each time, and taken in between.
      const other = desired.objects.get(EPG('other'));
      assert.ok(other !== undefined);
      const renamed = { ...other, attributes: { ...other.attributes, descr: `look ${Math.min(looks, 8)}` } };
      desired = { ...desired, objects: new Map([...desired.objects, [other.dn, renamed]]) };
      await run().catch((error: unknown) => assert.equal(error, missing));
      looks += 1;
    }
    assert.ok(worker.settled && looks > 3, `${looks} looks`);
    assert.ok(fabric.objects.has(EPG('other')));
    assert.deepEqual(
      worker.findings.map(({ object }) => object),
      [`ACI/${EPG('good')}`],
    );
  });

  it('leaves the retry of a busy APIC to the queue, and forgets nothing', async () => {
    fabric.replaced([]);
    apic.failure = new GatewayError('APIC_BUSY', 'busy', { disposition: 'retry' });
    await assert.rejects(run(), { code: 'APIC_BUSY' });
    assert.equal(fabric.objects.size, 0, 'what was not taken is not in the picture');
    apic.failure = undefined;
    await run();
    assert.ok(fabric.objects.has(EPG('good')));
  });
});

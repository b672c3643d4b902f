import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import type { PlanView, WaitingDeletions } from '#ports';
import { ApicRest } from '#support/apic-client';
import { eventually } from '#support/eventually';
import { APIC_USER, type GatewayStack, inOneProcess, type RunningCommand, startCommand } from '#support/gateway-stack';
import { policyManifest, SHOP, writeManifests } from '#support/policy-manifests';
import { runAcigw } from '#support/run-command';

const PROFILE = 'uni/tn-k8s-kubernetes/ap-k8s-kubernetes';
const noColour = (text: string): boolean => !text.includes('\u001B');

describe('acigw plan, for manifests and an APIC', () => {
  let folder: string;
  let from: string;
  let apic: RunningCommand;
  const plan = (...more: readonly string[]): ReturnType<typeof runAcigw> => {
    const password = join(folder, 'password');
    return runAcigw(['plan', '--from', from, '--apic', apic.ready, '--password-file', password, ...more]);
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'acigw-plan-'));
    from = writeManifests(folder, SHOP);
    writeFileSync(join(folder, 'password'), `${APIC_USER.password}\n`);
    apic = await startCommand(['apic-mock', '--http', '--user', `${APIC_USER.name}:${APIC_USER.password}`]);
  });
  after(async () => {
    await apic.stop();
    rmSync(folder, { recursive: true });
  });

  it('needs an APIC', async () => {
    const { exitCode, stderr } = await runAcigw(['plan', '--from', from]);
    assert.equal(exitCode, 2);
    assert.match(stderr, /--apic/);
  });

  it('prints what would be made, phase by phase, and for whom', async () => {
    const { stdout, exitCode } = await plan();
    assert.equal(exitCode, 0);
    assert.match(stdout, /^plan \w{14}: \d+ to create, 0 to modify, 0 to delete, in \d+ POSTs\n/);
    assert.match(stdout, /\naccess \(\d+ POSTs?\)\n[^]*\npolicy \(\d+ POSTs?\)\n[^]*\nbindings \(\d+ POSTs?\)\n/);
    assert.match(
      stdout,
      /\n {2}\+ vzBrCP uni\/tn-k8s-kubernetes\/brc-\S+ and \d+ objects below it: for NetworkPolicy\/shop\/web\n/,
    );
    assert.match(stdout, /\nreach\nCLASS +CREATED +MODIFIED +DELETED\nfvAEPg +\d+ +0 +0\n/);
    assert.ok(noColour(stdout), 'no colours but on a terminal');
  });

  it('puts changes together by namespace and by object', async () => {
    const byNamespace = (await plan('--group-by', 'namespace')).stdout;
    assert.match(byNamespace, /\nnamespace shop\n/);
    assert.match(byNamespace, /\nthe gateway's own\n/);
    assert.match((await plan('--group-by', 'object')).stdout, /\nNetworkPolicy\/shop\/web\n {2}\+ vzBrCP/);
  });

  it('says with the exit code whether there is something to do, until the tree for the APIC was posted', async () => {
    assert.equal((await plan('--detailed-exitcode')).exitCode, 3);
    const { stdout } = await plan('--output', 'apic');
    const rest = await ApicRest.login(apic.ready);
    await rest.post('uni', JSON.parse(stdout) as object);
    const { stdout: text, exitCode } = await plan('--detailed-exitcode');
    assert.equal(text, 'nothing to do: the fabric is as it should be\n');
    assert.equal(exitCode, 0);
  });

  it('tells why: who asked for what goes, and what differs from what is wanted', async () => {
    const rest = await ApicRest.login(apic.ready);
    await rest.post(`${PROFILE}/epg-shop`, { fvAEPg: { attributes: { descr: 'by hand' } } });
    const changed = mkdtempSync(join(tmpdir(), 'acigw-plan-'));
    const other = writeManifests(changed, [
      ...SHOP.slice(0, -1),
      policyManifest('shop/client', '{ podSelector: { matchLabels: { app: client } }, policyTypes: [Ingress] }'),
    ]);
    const { stdout } = await plan('--from', other, '--output', 'json');
    rmSync(changed, { recursive: true });
    const view = JSON.parse(stdout) as PlanView;
    const changes = view.phases.flatMap((phase) => phase.changes);
    const [epg] = changes.filter(({ dn }) => dn === `${PROFILE}/epg-shop`);
    assert.deepEqual(
      epg?.reason.attributes.find(({ attribute }) => attribute === 'descr'),
      { attribute: 'descr', is: 'by hand', wanted: 'namespace shop' },
    );
    assert.equal(epg?.reason.kind, 'differs');
    assert.equal(epg?.set['descr'], 'namespace shop');
    assert.deepEqual(Object.keys(view.counts), ['create', 'modify', 'delete']);
  });

  it('tells of what goes whose it was, and how much of the fabric that is', async () => {
    const fewer = mkdtempSync(join(tmpdir(), 'acigw-plan-'));
    const without = writeManifests(fewer, SHOP.slice(0, -1));
    const args = ['--apic', apic.ready, '--password-file', join(folder, 'password'), '--output', 'json'];
    const { stdout } = await runAcigw(['plan', '--from', without, ...args]);
    rmSync(fewer, { recursive: true });
    const view = JSON.parse(stdout) as PlanView;
    const contracts = view.phases
      .flatMap((phase) => phase.changes)
      .filter((change) => change.change === 'delete' && change.class === 'vzBrCP');
    assert.ok(contracts.length > 0);
    assert.ok(
      contracts.some(({ reason }) => reason.kind === 'unwanted' && reason.sources.includes('NetworkPolicy/shop/web')),
    );
    assert.ok(contracts.every(({ dn }) => view.blast.contracts.includes(dn)));
    assert.equal(view.blast.classes.find((one) => one.class === 'vzBrCP')?.deleted, contracts.length);
    assert.ok(view.blast.deleted > contracts.length && view.blast.deletedShare > 0 && view.blast.deletedShare < 1);
    assert.ok(view.blast.groups.length > 0);
  });
});

describe('acigw plan and approve, of a running gateway', () => {
  let stack: GatewayStack;
  const namespaces = (): string => `${stack.kubernetesUrl}/api/v1/namespaces`;
  const at = (): readonly string[] => ['--gateway', stack.gatewayUrl()];
  const make = async (name: string): Promise<unknown> =>
    axios.post(namespaces(), { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, { proxy: false });
  const ready = async (): Promise<{ readonly converged: boolean; readonly waitingFor: readonly string[] }> => {
    const { data } = await axios.get(`${stack.gatewayUrl()}/readyz`, { proxy: false, validateStatus: () => true });
    return data as { readonly converged: boolean; readonly waitingFor: readonly string[] };
  };
  const waiting = async (): Promise<readonly WaitingDeletions[]> => {
    const { stdout } = await runAcigw(['approve', '--list', '--output', 'json', ...at()]);
    return JSON.parse(stdout) as readonly WaitingDeletions[];
  };

  before(async () => {
    stack = await inOneProcess.start('apply: { approval: { maxDeletes: 0 } }');
    await make('shop');
    await make('extra');
    const rest = await ApicRest.login(stack.apicUrl);
    await eventually(async () => {
      assert.ok((await rest.object('uni/tn-k8s-test/ap-k8s-test/epg-extra')) !== undefined);
      assert.ok((await ready()).converged);
    });
  });
  after(async () => stack.stop());

  it('has nothing to do and nothing to approve', async () => {
    const { stdout, exitCode } = await runAcigw(['plan', '--detailed-exitcode', ...at()]);
    assert.deepEqual([stdout, exitCode], ['nothing to do: the fabric is as it should be\n', 0]);
    assert.match((await runAcigw(['approve', '--list', ...at()])).stdout, /HASH.*\n\(none\)/);
  });

  it('keeps what would be deleted until its hash is approved, and adds meanwhile', async () => {
    await axios.delete(`${namespaces()}/extra`, { proxy: false });
    await make('more');
    const rest = await ApicRest.login(stack.apicUrl);
    await eventually(async () => {
      assert.ok((await rest.object('uni/tn-k8s-test/ap-k8s-test/epg-more')) !== undefined);
      assert.match((await ready()).waitingFor.join(), /^approval of the deletion of \d+ objects: acigw approve \w+$/);
    });
    assert.ok((await rest.object('uni/tn-k8s-test/ap-k8s-test/epg-extra')) !== undefined);
    const [deletions] = await waiting();
    const hash = deletions?.hash ?? '';
    const shown = await runAcigw(['plan', '--detailed-exitcode', ...at()]);
    assert.equal(shown.exitCode, 3);
    assert.match(
      shown.stdout,
      new RegExp(`waiting for approval: \\d+ of \\d+ objects[^]*- fvAEPg [^]*acigw approve ${hash}\n`),
    );
    const wrong = await runAcigw(['approve', 'abcdefghijklmn', ...at()]);
    assert.equal(wrong.exitCode, 1);
    assert.match(wrong.stderr, /no deletions wait under the hash 'abcdefghijklmn'/);
    assert.deepEqual(await runAcigw(['approve', hash, ...at()]), {
      exitCode: 0,
      stdout: `approved ${hash}\n`,
      stderr: '',
    });
    await eventually(async () => {
      assert.equal(await rest.object('uni/tn-k8s-test/ap-k8s-test/epg-extra'), undefined);
      assert.ok((await ready()).converged);
    });
    assert.deepEqual(await waiting(), []);
  });

  it('says so when there is no gateway, and when there is no hash', async () => {
    const away = await runAcigw(['plan', '--gateway', 'http://127.0.0.1:9']);
    assert.equal(away.exitCode, 1);
    assert.match(away.stderr, /no gateway answers at http:\/\/127\.0\.0\.1:9/);
    const wrong = await runAcigw(['plan', '--gateway', 'nonsense']);
    assert.equal(wrong.exitCode, 2);
    assert.equal((await runAcigw(['approve', ...at()])).exitCode, 2);
  });
});

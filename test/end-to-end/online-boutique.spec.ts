import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FabricEvaluator } from '#fabric';
import type { GroupRow } from '#ports';
import { ApicRest } from '#support/apic-client';
import { corpusJson, corpusPath, policyCorpus } from '#support/corpus';
import { FlowQuestions } from '#support/fabric-flows';
import { describeWith } from '#support/requirement';
import { runAcigw } from '#support/run-command';

const START = fileURLToPath(new URL('../../../scripts/start.mjs', import.meta.url));

interface ServiceFlow {
  readonly src: string;
  readonly dst: string;
  readonly conn: string;
}

interface Result {
  readonly apicUrl: string;
  readonly apicUser: string;
  readonly apicPassword: string;
  readonly groups: readonly GroupRow[];
}

/** Ports between which verdicts can change: those of all flows, their neighbours, and the ends. */
function criticalPorts(flows: readonly ServiceFlow[]): readonly number[] {
  const named = flows.flatMap(({ conn }) => (conn.startsWith('TCP:') ? [Number(conn.slice(4))] : []));
  return [...new Set([1, 65_535, ...named.flatMap((port) => [port - 1, port, port + 1])])];
}

describeWith([policyCorpus], 'end to end: Online Boutique', () => {
  let child: ChildProcess;
  let result: Result;

  before(async function () {
    this.timeout(60_000);
    const args = [START, '--from', corpusPath('online-boutique'), '--output', 'json'];
    child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    assert.ok(child.stdout !== null);
    for await (const line of createInterface({ input: child.stdout })) {
      result = JSON.parse(line) as Result;
      break;
    }
  });

  after(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    assert.equal(await ended, 0, 'Ctrl-C stops it in order');
  });

  it('opens exactly the TCP flows between its services, read from the managed objects on the APIC', async () => {
    const expected = corpusJson('expected.json') as {
      readonly online_boutique_service_flows: readonly ServiceFlow[];
    };
    const flows = expected.online_boutique_service_flows;
    const apic = await ApicRest.login(result.apicUrl, { name: result.apicUser, password: result.apicPassword });
    const questions = new FlowQuestions(
      new FabricEvaluator(await apic.subtree('uni/tn-k8s-demo')),
      'uni/tn-k8s-demo/ctx-k8s-demo',
    );
    const services = [...new Set(flows.flatMap(({ src, dst }) => [src, dst]))];
    const epgOf = (service: string): string => {
      const group = result.groups.find(({ pods }) => pods.some((pod) => pod.startsWith(`default/${service}-`)));
      assert.ok(group !== undefined, `no group for ${service}`);
      return group.epg;
    };
    const wrong: string[] = [];
    let probes = 0;
    for (const src of [...services, 'probe']) {
      const from =
        src === 'probe' ? (result.groups.find(({ pods }) => pods.includes('other/probe'))?.epg ?? '') : epgOf(src);
      for (const dst of services.filter((service) => service !== src)) {
        const flow = flows.find((one) => one.src === src && one.dst === dst);
        // The frontend is open to everyone: its ingress policy has one empty rule.
        const conn = dst === 'frontend' ? 'ALL' : (flow?.conn ?? 'NONE');
        for (const port of criticalPorts(flows)) {
          probes += 1;
          const allowed = conn.startsWith('ALL') || conn === `TCP:${port}`;
          const opens = questions.opens(
            { ip: '10.244.0.1', epg: from },
            { ip: '10.244.0.1', epg: epgOf(dst) },
            'TCP',
            port,
          );
          if (opens !== allowed) wrong.push(`${src} -> ${dst} ${port}: expected ${allowed}, the fabric says ${opens}`);
        }
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(probes > 3000, `only ${probes} probes`);
  });
});

describe('end to end: npm start', () => {
  it('--once exits 0 when converged, with URLs, tables, time and requests on stdout and progress on stderr', async () => {
    const { exitCode, stdout, stderr } = await runAcigw(['--once'], '', START);
    assert.equal(exitCode, 0, stderr);
    for (const text of [
      /Kubernetes API +http:/,
      /APIC +http:/,
      /gateway API +http:/,
      /NAMESPACE +GROUP +EPG +VLAN +PODS/,
    ]) {
      assert.match(stdout, text);
    }
    assert.match(stdout, /storefront\.web +uni\/tn-prod\/ap-k8s-demo\/epg-storefront\.web +vlan-\d+ +web-/);
    assert.match(stdout, /CONTRACT +PROVIDER +OPENS +CONSUMERS/);
    assert.match(stdout, /\d+ APIC requests, \d+\.\d s/);
    assert.match(stderr, /the fabric is as the cluster wants it/);
    assert.ok(!`${stdout}${stderr}`.includes('\u001B['), 'no colour without a terminal');
  }).timeout(60_000);

  it('--once says what it waits for and exits 3 when the fabric does not converge in time', async () => {
    const { exitCode, stderr } = await runAcigw(['--once', '--timeout', '0'], '', START);
    assert.equal(exitCode, 3);
    assert.match(stderr, /not converged within 0 s; waiting for /);
  }).timeout(60_000);

  it('prints one line of JSON for scripts, whatever password the environment has for another APIC', async () => {
    const environment = { ACIGW_APIC_PASSWORD: 'of another' };
    const { exitCode, stdout } = await runAcigw(['--once', '--output', 'json'], '', START, environment);
    assert.equal(exitCode, 0);
    assert.equal(stdout.trim().split('\n').length, 1);
    const keys = [
      'kubernetesUrl',
      'apicUrl',
      'apicUser',
      'apicPassword',
      'gatewayUrl',
      'groups',
      'contracts',
      'seconds',
      'apicRequests',
    ];
    assert.deepEqual(Object.keys(JSON.parse(stdout) as object), keys);
  }).timeout(60_000);
});

import assert from 'node:assert/strict';
import axios from 'axios';
import { type ApicMock, startApicMock } from '#apic-mock';
import { type GatewayProcess, startGateway } from '#cli';
import { parseConfiguration } from '#config';
import { type KubeMock, startKubeMock } from '#kube-mock';
import type { FabricSync, PlanView } from '#ports';
import { silentLogger } from '#runtime';
import { eventually } from '#support/eventually';
import { APIC_USER } from '#support/gateway-stack';
import { runAcigw } from '#support/run-command';

const REFUSED = /watch of pods: .*connection refused/;

describe('acigw plan, of a gateway that cannot watch its cluster', () => {
  let kube: KubeMock;
  let apic: ApicMock;
  let gateway: GatewayProcess;

  const plan = (...more: readonly string[]): ReturnType<typeof runAcigw> =>
    runAcigw(['plan', '--gateway', gateway.url, ...more]);
  const planned = async (): Promise<PlanView> => JSON.parse((await plan('--output', 'json')).stdout) as PlanView;

  async function start(fabric: object): Promise<void> {
    kube = await startKubeMock();
    apic = await startApicMock({ tls: { mode: 'none' }, users: [APIC_USER] });
    const { name: user, password } = APIC_USER;
    const configuration = {
      clusterId: 'test',
      kubernetes: { url: kube.url },
      apic: { urls: [apic.url], user, password },
      api: { port: 0 },
      fabric,
    };
    gateway = await startGateway(parseConfiguration('test', JSON.stringify(configuration)), silentLogger, {});
  }

  async function stopKubernetes(): Promise<void> {
    await kube.stop();
    await eventually(() => assert.match(gateway.state.readiness().waitingFor.join('\n'), REFUSED));
  }

  afterEach(async () => {
    await gateway.stop();
    await apic.stop();
  });

  it('says that it is of the cluster as it was known last, as text and as JSON', async () => {
    await start({});
    await eventually(() => assert.ok(gateway.state.readiness().converged));
    assert.equal((await plan()).stdout, 'nothing to do: the fabric is as it should be\n');
    assert.deepEqual((await planned()).clusterTroubles, []);
    await stopKubernetes();
    const [first, ...lines] = (await plan()).stdout.trim().split('\n');
    assert.equal(first, 'nothing to do for the cluster as it was known last');
    assert.ok(
      lines.some((line) => line.startsWith('Kubernetes: ') && REFUSED.test(line)),
      lines.join('\n'),
    );
    assert.ok((await planned()).clusterTroubles.some((trouble) => REFUSED.test(trouble)));
  });

  it('says it beside what stands in the way, and of each object that is not as wanted', async () => {
    await start({ tenant: { name: 'admins', own: false } });
    await eventually(() => assert.match(gateway.state.readiness().waitingFor.join(), /tn-admins: an admin/));
    await stopKubernetes();
    const { stdout } = await plan();
    assert.match(stdout, /\nuni\/tn-admins is not there \(own: false\): nothing is done below it\n/);
    assert.match(stdout, /\nKubernetes: watch of pods: .*refused.*\n/);
    const { data } = await axios.get<FabricSync[]>(`${gateway.url}/api/v1/sync`, { proxy: false });
    const epg = data.find(({ dn }) => dn.endsWith('/epg-default'));
    assert.match(epg?.why.join() ?? '', /^uni\/tn-admins is not there; Kubernetes: watch of .*known last/);
  });
});

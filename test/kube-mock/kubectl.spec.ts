import assert from 'node:assert/strict';
import { once } from 'node:events';
import { stringify } from 'yaml';
import { type KubeMock, startKubeMock } from '#kube-mock';
import { fieldAt, type KubernetesObject } from '#model/kubernetes';
import { KUBECTL, type Kubectl, type KubectlResult, kubectlFor } from '#support/kubectl';
import { describeWith } from '#support/requirement';
import { networkPolicy, pod, service, workload } from './sample-objects.js';

describeWith([KUBECTL], 'kube-mock: real kubectl', () => {
  let mock: KubeMock;
  let kubectl: Kubectl;

  beforeEach(async () => {
    mock = await startKubeMock();
    kubectl = kubectlFor(mock.url);
  });
  afterEach(async () => {
    kubectl.dispose();
    await mock.stop();
  });

  /** Runs kubectl, which must succeed without a warning; gives its output. */
  const kube = async (...args: readonly string[]): Promise<string> => clean(await kubectl.run(args), args);
  const applied = async (objects: readonly KubernetesObject[]): Promise<readonly string[]> => {
    const args = ['apply', '-f', '-'];
    return clean(await kubectl.run(args, documents(objects)), args)
      .trim()
      .split('\n');
  };

  const application = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
    workload('Deployment', 'web', 2),
    workload('StatefulSet', 'db', 1),
    workload('DaemonSet', 'agent'),
    service('web', { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] }),
    networkPolicy('web', {
      podSelector: { matchLabels: { app: 'web' } },
      ingress: [{ ports: [{ protocol: 'TCP', port: 8080 }] }],
    }),
    pod('bare'),
  ];

  it('apply creates, a second apply changes nothing, a changed manifest configures', async () => {
    const created = await applied(application);
    assert.ok(
      created.every((line) => line.endsWith(' created')),
      created.join('\n'),
    );
    const { revision } = mock;
    const again = await applied(application);
    assert.ok(
      again.every((line) => line.endsWith(' unchanged')),
      again.join('\n'),
    );
    assert.equal(mock.revision, revision);
    const lines = await applied([workload('Deployment', 'web', 3, 'nginx:2'), ...application.slice(2)]);
    assert.equal(lines[0], 'deployment.apps/web configured');
    assert.ok(
      lines.slice(1).every((line) => line.endsWith(' unchanged')),
      lines.join('\n'),
    );
    assert.equal(mock.objects('pods').filter((object) => object.metadata.labels?.app === 'web').length, 3);
  });

  it('apply takes fields away that left the manifest', async () => {
    const [, deployment] = application;
    assert.ok(deployment);
    const labelled = { ...deployment, metadata: { ...deployment.metadata, labels: { team: 'a' } } };
    await applied([labelled]);
    await applied([deployment]);
    assert.equal(mock.objects('deployments.apps')[0]?.metadata.labels?.team, undefined);
  });

  it('get shows tables with the columns of the server', async () => {
    mock.apply(application);
    const wide = (await kube('get', 'pods', '-o', 'wide')).split('\n');
    assert.match(wide[0] ?? '', /^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES$/);
    assert.match(
      wide.find((line) => line.startsWith('bare')) ?? '',
      / 1\/1 +Running +0 +\d+s +10\.244\.\d\.\d+ +node-\d /,
    );
    assert.match(await kube('get', 'deployments'), /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +2\/2 +2 +2 /);
    assert.match(await kube('get', 'nodes'), /^NAME +STATUS +ROLES +AGE +VERSION\nnode-1 +Ready /);
    assert.match(await kube('get', 'netpol'), /^NAME +POD-SELECTOR +AGE\nweb +app=web /);
    assert.match(
      await kube('get', 'svc'),
      /^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE\nweb +ClusterIP +10\.96\./,
    );
    assert.match(await kube('get', 'ds'), /\nagent +3 +3 +3 +3 +3 +<none> /);
    assert.match(await kube('get', 'sts,rs'), /statefulset\.apps\/db +1\/1[\s\S]*replicaset\.apps\/web-\w+ +2 +2 +2 /);
    assert.match(await kube('get', 'all'), /pod\/bare[\s\S]*service\/web[\s\S]*deployment\.apps\/web/);
  });

  it('get -A, -l, --show-labels, -L, --field-selector and --sort-by select and show', async () => {
    mock.apply(application);
    assert.match(await kube('get', 'pods', '-A'), /^NAMESPACE +NAME/);
    assert.equal((await kube('get', 'pods', '-l', 'app=web', '-o', 'name')).trim().split('\n').length, 2);
    assert.match(await kube('get', 'pod', 'bare', '--show-labels'), /LABELS\n.* app=bare/);
    assert.match(await kube('get', 'pod', 'bare', '-L', 'app'), /APP\n.* bare/);
    const onNode = await kube('get', 'pods', '--field-selector', 'spec.nodeName=node-1', '-o', 'name');
    assert.ok(onNode.trim().split('\n').length >= 2);
    assert.equal((await kube('get', 'pods', '--sort-by=.metadata.name', '-o', 'name')).split('\n')[3], 'pod/bare');
  });

  it('get -o json, yaml and jsonpath give objects with their kind', async () => {
    mock.apply(application);
    const list = JSON.parse(await kube('get', 'pods', '-o', 'json')) as { items: KubernetesObject[] };
    assert.ok(list.items.length > 0 && list.items.every((item) => item.kind === 'Pod' && item.apiVersion === 'v1'));
    assert.match(await kube('get', 'netpol', 'web', '-o', 'yaml'), /policyTypes:\n {2}- Ingress/);
    const jsonpath = 'jsonpath={.items[*].metadata.name}';
    assert.equal(await kube('get', 'netpol', '-o', jsonpath), 'web');
    assert.match(await kube('get', 'pods', '--chunk-size=2', '-o', 'name'), /pod\/bare/);
  });

  it('get -w tells of changes', async () => {
    mock.apply([pod('first')]);
    const child = kubectl.start(['get', 'pods', '-w']);
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const shows = async (pattern: RegExp): Promise<void> => {
      for (let round = 0; !pattern.test(output); round += 1) {
        assert.ok(round < 200, `${String(pattern)} not seen in:\n${output}`);
        await new Promise((go) => setTimeout(go, 25));
      }
    };
    await shows(/first/);
    mock.apply([pod('second')]);
    await shows(/second +0\/1 +Pending[\s\S]*second +1\/1 +Running/);
    await kubectl.run(['delete', 'pod', 'second']);
    await shows(/second +1\/1 +Terminating/);
    child.kill();
    await once(child, 'close');
  });

  it('create -f, create of typed objects (protobuf), run and expose', async () => {
    clean(await kubectl.run(['create', '-f', '-'], documents([pod('bare')])), ['create']);
    assert.match(await kube('create', 'namespace', 'shop'), /namespace\/shop created/);
    await kube('create', 'deployment', 'web', '-n', 'shop', '--image=nginx', '--replicas=2', '--port=80');
    await kube('create', 'configmap', 'c', '-n', 'shop', '--from-literal=a=b');
    await kube('create', 'secret', 'generic', 's', '-n', 'shop', '--from-literal=password=x');
    await kube('create', 'role', 'r', '-n', 'shop', '--verb=get', '--resource=pods');
    await kube('create', 'cronjob', 'j', '-n', 'shop', '--image=x', '--schedule=* * * * *');
    await kube('create', 'ingress', 'i', '-n', 'shop', '--rule=a.b/c=web:80');
    await kube('create', 'service', 'clusterip', 'x', '-n', 'shop', '--tcp=5678:8080');
    await kube('run', 'one', '-n', 'shop', '--image=busybox', '--labels=a=b');
    await kube('expose', 'deployment', 'web', '-n', 'shop', '--port=80', '--target-port=8080');
    const [deployment] = mock.objects('deployments.apps');
    assert.equal(fieldAt(deployment, 'spec', 'replicas'), 2);
    const [container] = fieldAt(deployment, 'spec', 'template', 'spec', 'containers') as [Record<string, unknown>];
    assert.deepEqual(container.ports, [{ containerPort: 80, protocol: 'TCP' }]);
    assert.deepEqual(mock.objects('secrets')[0]?.data, { password: 'eA==' });
    assert.deepEqual(mock.objects('roles.rbac.authorization.k8s.io')[0]?.rules, [
      { verbs: ['get'], apiGroups: [''], resources: ['pods'] },
    ]);
    const rule = fieldAt(mock.objects('ingresses.networking.k8s.io')[0], 'spec', 'rules', 0);
    assert.equal(fieldAt(rule, 'http', 'paths', 0, 'backend', 'service', 'port', 'number'), 80);
    const services = mock.objects('services').map((object) => fieldAt(object, 'spec', 'ports', 0, 'targetPort'));
    assert.deepEqual(services, [8080, 8080]);
  });

  it('create of what is there fails with its name', async () => {
    mock.apply([pod('bare')]);
    const { code, stderr } = await kubectl.run(['create', '-f', '-'], documents([pod('bare')]));
    assert.equal(code, 1);
    assert.match(stderr, /\(AlreadyExists\).*pods "bare" already exists/);
  });

  it('label, annotate, patch, replace and set image change', async () => {
    mock.apply([pod('bare'), workload('Deployment', 'web', 1)]);
    await kube('label', 'pod', 'bare', 'tier=front', 'app-');
    assert.deepEqual(mock.objects('pods')[0]?.metadata.labels, { tier: 'front' });
    const again = await kubectl.run(['label', 'pod', 'bare', 'tier=back']);
    assert.match(again.stderr, /already has a value \(front\), and --overwrite is false/);
    await kube('label', 'pods', '--all', 'tier=back', '--overwrite');
    await kube('annotate', 'deployment', 'web', 'note=x');
    assert.equal(mock.objects('deployments.apps')[0]?.metadata.annotations?.note, 'x');
    await kube(
      'patch',
      'deployment',
      'web',
      '-p',
      '{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"a"}]}}}}',
    );
    await kube(
      'patch',
      'deployment',
      'web',
      '--type=json',
      '-p',
      '[{"op":"replace","path":"/spec/replicas","value":2}]',
    );
    await kube('set', 'image', 'deployment/web', 'main=nginx:9');
    assert.equal(mock.objects('pods').length, 3);
    assert.match(await kube('rollout', 'history', 'deployment/web'), /\n3 /);
    await kube('rollout', 'undo', 'deployment/web');
    assert.match(await kube('get', 'deployment', 'web', '-o', 'wide'), / main +a +app=web/);
    clean(await kubectl.run(['replace', '-f', '-'], documents([workload('Deployment', 'web', 1)])), ['replace']);
  });

  it('scale, rollout status and restart, and wait for conditions', async () => {
    mock.apply([workload('Deployment', 'web', 1), workload('StatefulSet', 'db', 1), workload('DaemonSet', 'agent')]);
    assert.match(await kube('scale', 'deployment/web', '--replicas=4'), /scaled/);
    await kube('scale', '--current-replicas=1', '--replicas=2', 'statefulset/db');
    for (const target of ['deployment/web', 'statefulset/db', 'daemonset/agent']) {
      await kube('rollout', 'status', target, '--timeout=5s');
      await kube('rollout', 'restart', target);
      await kube('rollout', 'status', target, '--timeout=5s');
    }
    await kube('wait', '--for=condition=Available', 'deployment/web', '--timeout=5s');
    await kube('wait', '--for=condition=Ready', 'pod', '-l', 'app=web', '--timeout=5s');
    await kube('wait', '--for=jsonpath={.status.phase}=Running', 'pod', '--all', '--timeout=5s');
    assert.equal(mock.objects('pods').length, 4 + 2 + 3);
  });

  it('wait ends when the condition comes, and times out when it does not', async () => {
    const waiting = kubectl.run(['wait', '--for=condition=Available', 'deployment/late', '--timeout=10s']);
    const missing = await waiting;
    assert.match(missing.stderr, /deployments.apps "late" not found/);
    mock.apply([pod('one')]);
    const gone = kubectl.run(['wait', '--for=delete', 'pod/one', '--timeout=10s']);
    await new Promise((go) => setTimeout(go, 300));
    mock.remove(pod('one'));
    assert.equal((await gone).code, 0);
    const never = await kubectl.run(['wait', '--for=condition=Never', 'node/node-1', '--timeout=1s']);
    assert.match(never.stderr, /timed out waiting/);
  });

  it('delete by name, by file, by label, by namespace, and in the foreground', async () => {
    await applied(application);
    assert.match(await kube('delete', 'pod', 'bare'), /pod "bare" deleted/);
    await kube('delete', 'pods', '-l', 'app=agent');
    await kube('delete', 'deployment', 'web', '--cascade=foreground');
    assert.deepEqual(mock.objects('replicasets.apps'), []);
    const args = ['delete', '-f', '-', '--ignore-not-found'];
    clean(await kubectl.run(args, documents(application)), args);
    assert.deepEqual(mock.objects('pods'), []);
    await kube('create', 'namespace', 'team');
    await kube('run', 'one', '-n', 'team', '--image=x');
    await kube('delete', 'namespace', 'team');
    assert.deepEqual(mock.objects('pods'), []);
    const missing = await kubectl.run(['delete', 'pod', 'bare']);
    assert.match(missing.stderr, /\(NotFound\): pods "bare" not found/);
  });

  it('describe works for everything that is served', async () => {
    mock.apply(application);
    assert.match(await kube('describe', 'pod', 'bare'), /Status: +Running\n/);
    assert.match(await kube('describe', 'deployment', 'web'), /2 desired \| 2 updated \| 2 total \| 2 available/);
    assert.match(await kube('describe', 'node', 'node-1'), /Non-terminated Pods: /);
    assert.match(await kube('describe', 'svc', 'web'), /Endpoints: +10\.244\.\d+\.\d+:8080,10\.244/);
    assert.match(await kube('describe', 'netpol', 'web'), /To Port: 8080\/TCP/);
    await kube('describe', 'namespace', 'shop');
    for (const kind of ['sts', 'ds', 'rs', 'endpointslices', 'leases']) {
      assert.match(await kube('describe', kind, '-A'), /Name: /);
    }
  });

  it('api-resources, api-versions, version and cluster-info', async () => {
    const resources = await kube('api-resources');
    assert.match(resources, /networkpolicies +netpol +networking\.k8s\.io\/v1 +true +NetworkPolicy/);
    assert.match(resources, /nodes +no +v1 +false +Node/);
    const versions = (await kube('api-versions')).trim().split('\n');
    assert.ok(['v1', 'apps/v1', 'discovery.k8s.io/v1'].every((version) => versions.includes(version)));
    assert.match((await kubectl.run(['version'])).stdout, /Server Version: v1\./);
    assert.match(await kube('cluster-info'), /is running at/);
  });

  it('a custom resource works from its definition on', async () => {
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'things.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'things', singular: 'thing', kind: 'Thing', shortNames: ['th'] },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    };
    const thing = { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'a' }, spec: { list: [1] } };
    await applied([definition]);
    await kube('wait', '--for=condition=Established', 'crd/things.example.com', '--timeout=5s');
    assert.deepEqual(await applied([thing]), ['thing.example.com/a created']);
    assert.deepEqual(await applied([thing]), ['thing.example.com/a unchanged']);
    assert.deepEqual(await applied([{ ...thing, spec: { list: [2] } }]), ['thing.example.com/a configured']);
    assert.match(await kube('get', 'th'), /^NAME +AGE\na /);
    await kube('delete', 'thing', 'a');
  });

  it('says what is wrong with a policy, field by field', async () => {
    const bad = networkPolicy('bad', {
      podSelector: {},
      ingress: [{ from: [{}], ports: [{ port: 70_000 }] }, { from: [{ ipBlock: { cidr: '10.0.0/8' } }] }],
      policyTypes: ['Ingres'],
    });
    const { code, stderr } = await kubectl.run(['apply', '-f', '-'], documents([bad]));
    assert.equal(code, 1);
    assert.match(stderr, /^The NetworkPolicy "bad" is invalid:/);
    for (const part of [
      'spec.ingress[0].from[0]: Required value: must specify a peer',
      'spec.ingress[0].ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive',
      'spec.ingress[1].from[0].ipBlock.cidr: Invalid value: "10.0.0/8"',
      'spec.policyTypes[0]: Unsupported value: "Ingres": supported values: "Ingress", "Egress"',
    ]) {
      assert.ok(stderr.includes(part), `${part}\nnot in\n${stderr}`);
    }
  });

  it('says which field is unknown', async () => {
    const typo = networkPolicy('typo', { podSelector: {}, ingres: [{ from: [{ podSelecter: {} }] }] });
    const policy = await kubectl.run(['apply', '-f', '-'], documents([typo]));
    assert.match(
      policy.stderr,
      /cannot be handled as a NetworkPolicy: strict decoding error: unknown field "spec\.ingres"/,
    );
    const nested = await kubectl.run(['create', '-f', '-'], documents([pod('a', { containers: [{ nam: 'x' }] })]));
    const status = { ...networkPolicy('old', { podSelector: {} }), status: {} };
    assert.match((await kubectl.run(['apply', '-f', '-'], documents([status]))).stderr, /unknown field "status"/);
    assert.match(nested.stderr, /unknown field "spec\.containers\[0\]\.nam"/);
  });

  it('says that a namespace or kind is missing', async () => {
    const inNowhere = { ...pod('a'), metadata: { name: 'a', namespace: 'nowhere' } };
    const missing = await kubectl.run(['apply', '-f', '-'], documents([inNowhere]));
    assert.match(missing.stderr, /namespaces "nowhere" not found/);
    const unknown = { apiVersion: 'example.com/v1', kind: 'Unknown', metadata: { name: 'a' } };
    const kind = await kubectl.run(['apply', '-f', '-'], documents([unknown]));
    assert.match(kind.stderr, /no matches for kind "Unknown" in version "example.com\/v1"/);
  });
});

const documents = (objects: readonly KubernetesObject[]): string =>
  objects.map((object) => stringify(object)).join('---\n');

function clean({ code, stdout, stderr }: KubectlResult, args: readonly string[]): string {
  assert.equal(code, 0, `kubectl ${args.join(' ')}: ${stderr}`);
  assert.doesNotMatch(stderr, /warning|error/i, `kubectl ${args.join(' ')}`);
  return stdout;
}

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { type KubeMock, startKubeMock } from '#kube-mock';
import { expandWorkloads, flattenLists, type KubernetesObject, textAt, withNamespace } from '#model/kubernetes';
import { apiClient } from './api-client.js';

const CORPUS = fileURLToPath(new URL('../../../../shared/corpus/', import.meta.url));

/** Sets of manifests that an API server (1.37) takes whole, but for the kinds it has no definition of. */
const SETS = [
  'online-boutique',
  'sock-shop',
  'recipes',
  'argo-cd',
  'kube-prometheus',
  'istio',
  'kubeflow',
  'flux2',
].concat(['longhorn', 'cert-manager', 'azure-npm', 'cyclonus', 'network-policy-api']);

function manifests(folder: string): readonly KubernetesObject[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.ya?ml$/.test(name));
  return files.sort().flatMap((name) =>
    parseAllDocuments(readFileSync(join(folder, name), 'utf8'))
      .map((document) => document.toJS() as KubernetesObject | null)
      .filter((object): object is KubernetesObject => object?.kind !== undefined),
  );
}

const isServed = (object: KubernetesObject): boolean => !object.apiVersion.startsWith('policy.networking.k8s.io');

describe('kube-mock: manifests that others wrote', () => {
  for (const name of SETS) {
    const folder = join(CORPUS, name);
    const present = existsSync(folder);
    (present ? it : it.skip)(
      `takes ${name}${present ? '' : ' (corpus not there)'}, runs it, and agrees with compile`,
      async () => {
        const mock = await startKubeMock();
        try {
          const given = flattenLists(manifests(folder)).map(withNamespace).filter(isServed);
          assert.ok(given.length > 0);
          await post(mock, given);
          const expanded = expandWorkloads(distinct(given)).filter((object) => object.kind === 'Pod');
          const running = mock.objects('pods').filter((pod) => textAt(pod, 'status', 'podIP') !== undefined);
          assert.equal(running.length, mock.objects('pods').length);
          assert.deepEqual(names(running), names(expanded));
        } finally {
          await mock.stop();
        }
      },
    );
  }
});

const names = (objects: readonly KubernetesObject[]): readonly string[] =>
  objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();

/** The objects without those that a later one of the same name replaces. */
const distinct = (objects: readonly KubernetesObject[]): readonly KubernetesObject[] => [
  ...new Map(
    objects.map((object) => [`${object.kind}/${object.metadata.namespace}/${object.metadata.name}`, object]),
  ).values(),
];

/** Sends each object over HTTP: the namespaces first, and a PUT for what is there already. */
async function post(mock: KubeMock, objects: readonly KubernetesObject[]): Promise<void> {
  const api = apiClient(mock.url);
  const used = objects.map((object) => object.metadata.namespace).filter((name) => name !== undefined);
  for (const name of new Set(used)) await api.post('/api/v1/namespaces', { metadata: { name } });
  for (const object of distinct(objects)) {
    const path = collection(object);
    const created = await api.post(path, object);
    const answer = created.status === 409 ? await api.put(`${path}/${object.metadata.name}`, object) : created;
    assert.ok(answer.status < 300, `${object.kind} ${object.metadata.name}: ${JSON.stringify(answer.data.message)}`);
  }
}

function collection({ apiVersion, kind, metadata }: KubernetesObject): string {
  const lower = kind.toLowerCase();
  const plural = lower.endsWith('policy') ? `${lower.slice(0, -1)}ies` : `${lower}s`;
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return metadata.namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${metadata.namespace}/${plural}`;
}

import axios, { type AxiosInstance } from 'axios';
import type { KubernetesObject } from '#model/kubernetes';
import type { Dice } from './dice.js';

const NAMESPACES = ['red', 'green', 'blue'];
const APPS = ['web', 'api', 'db'];
const PORTS = [80, 8080, 5432];
const MOST_PODS = 14;

/** Changes that a cluster sees, one at a time. */
type Kind = 'namespace' | 'pod' | 'label' | 'policy';

const PATH: Readonly<Record<string, (namespace: string) => string>> = {
  Namespace: () => '/api/v1/namespaces',
  Pod: (namespace) => `/api/v1/namespaces/${namespace}/pods`,
  NetworkPolicy: (namespace) => `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`,
};

/** A change that is about to be made: what the cluster is after it, by key. `undefined`: the object goes. */
export type Forecast = ReadonlyMap<string, KubernetesObject | undefined>;

/** Random changes of a cluster, made over its API. It knows what it made; what the API adds is asked for. */
export class Weather {
  readonly #http: AxiosInstance;
  readonly #dice: Dice;
  readonly #objects = new Map<string, KubernetesObject>();
  #made = 0;

  constructor(url: string, dice: Dice) {
    this.#http = axios.create({ baseURL: url, proxy: false });
    this.#dice = dice;
  }

  /** A cluster to begin with. */
  async begin(): Promise<void> {
    for (const name of NAMESPACES) await this.#put(namespaceObject(name, {}));
    for (const namespace of NAMESPACES) {
      for (const app of APPS) await this.#put(this.#pod(namespace, app));
    }
    for (const namespace of NAMESPACES) await this.#put(this.#policy(namespace, 'web'));
  }

  /** Makes one random change. `coming` is told before it is made. */
  async change(coming: (forecast: Forecast) => void): Promise<void> {
    const kind = this.#dice.pick<Kind>(['namespace', 'pod', 'pod', 'label', 'policy', 'policy', 'policy', 'policy']);
    if (kind === 'policy') return this.#changePolicy(coming);
    if (kind === 'namespace') return this.#relabelNamespace(coming);
    const pods = this.#ofKind('Pod');
    if (kind === 'label' && pods.length > 0) return this.#relabelPod(this.#dice.pick(pods), coming);
    if (pods.length >= MOST_PODS || (pods.length > 3 && this.#dice.happens(0.4))) {
      return this.#remove(this.#dice.pick(pods), coming);
    }
    const pod = this.#pod(this.#dice.pick(NAMESPACES), this.#dice.pick(APPS));
    coming(new Map([[keyOf(pod), pod]]));
    await this.#put(pod);
  }

  /** What the API has now: Namespaces, Nodes, Pods with their addresses, NetworkPolicies. */
  async objects(): Promise<readonly KubernetesObject[]> {
    const paths = ['/api/v1/namespaces', '/api/v1/nodes', '/api/v1/pods', '/apis/networking.k8s.io/v1/networkpolicies'];
    const kinds = ['Namespace', 'Node', 'Pod', 'NetworkPolicy'];
    const lists = await Promise.all(
      paths.map((path) => this.#http.get<{ readonly items: readonly KubernetesObject[] }>(path)),
    );
    return lists.flatMap(({ data }, index) =>
      data.items.map((item) => ({
        ...item,
        apiVersion: kinds[index] === 'NetworkPolicy' ? 'networking.k8s.io/v1' : 'v1',
        kind: kinds[index] ?? '',
      })),
    );
  }

  async #changePolicy(coming: (forecast: Forecast) => void): Promise<void> {
    const policies = this.#ofKind('NetworkPolicy');
    if (policies.length > 2 && this.#dice.happens(0.35)) return this.#remove(this.#dice.pick(policies), coming);
    const policy = this.#policy(this.#dice.pick(NAMESPACES), `p${this.#dice.between(1, 3)}`);
    coming(new Map([[keyOf(policy), policy]]));
    await this.#put(policy);
  }

  async #relabelNamespace(coming: (forecast: Forecast) => void): Promise<void> {
    const namespace = namespaceObject(this.#dice.pick(NAMESPACES), { team: this.#dice.pick(['one', 'two']) });
    coming(new Map([[keyOf(namespace), namespace]]));
    await this.#put(namespace);
  }

  async #relabelPod(pod: KubernetesObject, coming: (forecast: Forecast) => void): Promise<void> {
    const labels = { app: this.#dice.pick(APPS) };
    const changed = { ...pod, metadata: { ...pod.metadata, labels } };
    coming(new Map([[keyOf(pod), changed]]));
    this.#objects.set(keyOf(pod), changed);
    await this.#patch(changed, { '/metadata/labels': labels });
  }

  async #remove(object: KubernetesObject, coming: (forecast: Forecast) => void): Promise<void> {
    coming(new Map([[keyOf(object), undefined]]));
    this.#objects.delete(keyOf(object));
    await this.#http.delete(`${pathOf(object)}/${object.metadata.name}?gracePeriodSeconds=0`);
  }

  async #put(object: KubernetesObject): Promise<void> {
    const known = this.#objects.has(keyOf(object));
    this.#objects.set(keyOf(object), object);
    if (!known) {
      await this.#http.post(pathOf(object), object);
      return;
    }
    const { metadata, spec } = object as KubernetesObject & { readonly spec?: object };
    await this.#patch(object, {
      '/metadata/labels': metadata.labels ?? {},
      ...(spec === undefined ? {} : { '/spec': spec }),
    });
  }

  /** Replaces fields, each as a whole. */
  async #patch(object: KubernetesObject, fields: Readonly<Record<string, object>>): Promise<void> {
    const operations = Object.entries(fields).map(([path, value]) => ({ op: 'add', path, value }));
    const headers = { 'content-type': 'application/json-patch+json' };
    await this.#http.patch(`${pathOf(object)}/${object.metadata.name}`, operations, { headers });
  }

  #ofKind(kind: string): readonly KubernetesObject[] {
    return [...this.#objects.values()].filter((object) => object.kind === kind);
  }

  #pod(namespace: string, app: string): KubernetesObject {
    this.#made += 1;
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `${app}-${this.#made}`, namespace, labels: { app } },
      spec: { containers: [{ name: 'c', image: 'none' }] },
    };
  }

  /** Selects some app or all pods, and lets in, out or both what some peers want on some ports. */
  #policy(namespace: string, name: string): KubernetesObject {
    const peer = (): object =>
      this.#dice.pick<object>([
        { podSelector: { matchLabels: { app: this.#dice.pick(APPS) } } },
        { namespaceSelector: { matchLabels: { team: this.#dice.pick(['one', 'two']) } } },
        { namespaceSelector: {}, podSelector: { matchLabels: { app: this.#dice.pick(APPS) } } },
        { ipBlock: { cidr: this.#dice.pick(['192.0.2.0/24', '203.0.113.0/25']) } },
      ]);
    const ports = this.#dice.happens(0.7) ? { ports: [{ port: this.#dice.pick(PORTS), protocol: 'TCP' }] } : {};
    const policyTypes = this.#dice.pick([['Ingress'], ['Egress'], ['Ingress', 'Egress']]);
    const spec = {
      podSelector: this.#dice.happens(0.7) ? { matchLabels: { app: this.#dice.pick(APPS) } } : {},
      policyTypes,
      ...(policyTypes.includes('Ingress') ? { ingress: [{ from: [peer(), peer()], ...ports }] } : {}),
      ...(policyTypes.includes('Egress') ? { egress: [{ to: [peer()], ...ports }] } : {}),
    };
    return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace }, spec };
  }
}

const namespaceObject = (name: string, labels: Readonly<Record<string, string>>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});

const pathOf = ({ kind, metadata }: KubernetesObject): string => PATH[kind]?.(metadata.namespace ?? '') ?? '';

/** Key of an object: `Kind/namespace/name`, or `Kind/name` of one without a namespace. */
export const keyOf = ({ kind, metadata: { namespace, name } }: KubernetesObject): string =>
  namespace === undefined ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;

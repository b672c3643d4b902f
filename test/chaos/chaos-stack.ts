import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import { type ApicMock, startApicMock } from '#apic-mock';
import { type KubeMock, startKubeMock } from '#kube-mock';
import type { NodePolicy } from '#model/node';
import type { FabricSync, GatewayStatus, PolicyStore } from '#ports';
import { etcdPolicyStore } from '#store';
import { type EtcdServer, startEtcd } from '#support/etcd-server';
import { APIC_USER, type RunningCommand, startCommand } from '#support/gateway-stack';
import { type RedisServer, startRedis } from '#support/redis-server';

/** Cluster id of the gateway under test; its tenant is derived from it. */
export const CLUSTER = 'chaos';
export const TENANT = `k8s-${CLUSTER}`;

/** Where the VRF and the contracts are: in the gateway's tenant, or in `common`, which an admin made them in (decision 20). */
export type VrfPlace = 'own' | 'common';

/** The part of the configuration that says so. */
const FABRIC: Readonly<Record<VrfPlace, string>> = {
  own: '{}',
  common: `{ ${['vrf', 'l3out'].map((part) => `${part}: { name: shared, own: false, tenant: common }`).join()} }`,
};

/** How many processes do the posting and publishing. */
const WORKERS = 2;

const configurationText = (
  urls: Readonly<Record<'kubernetes' | 'apic' | 'etcd' | 'redis', string>>,
  vrf: VrfPlace,
): string => `
clusterId: ${CLUSTER}
kubernetes: { url: '${urls.kubernetes}' }
apic:
  urls: ['${urls.apic}']
  user: ${APIC_USER.name}
  password: ${APIC_USER.password}
  timeoutSeconds: 3
  subscriptionSeconds: 30
  relistSeconds: 5
fabric: ${FABRIC[vrf]}
store: { kind: etcd, endpoints: ['${urls.etcd}'] }
queue: { redis: { url: '${urls.redis}', takeoverSeconds: 1 } }
apply: { approval: { maxDeletes: 10000, maxDeleteShare: 1 } }
api: { port: 0 }
log: { level: warn }
`;

/** What can stand still. */
type Suspendable = Pick<RedisServer, 'pause' | 'resume'>;

type Servers = Pick<ChaosStack, 'kube' | 'apic' | 'etcd' | 'redis'>;

/** A gateway with workers, each a process of its own, between simulators in this process and a real etcd and Redis. */
export class ChaosStack {
  readonly kube: KubeMock;
  readonly apic: ApicMock;
  readonly etcd: EtcdServer;
  readonly redis: RedisServer;
  readonly #folder: string;
  readonly #file: string;
  readonly #store: PolicyStore;
  readonly #slices = new Map<string, NodePolicy>();
  /** When the hosts last put a pod on another VLAN, by pod. */
  readonly #moves = new Map<string, number>();
  readonly #stopping = new AbortController();
  #gateway: RunningCommand | undefined;
  #workers: RunningCommand[] = [];

  private constructor({ kube, apic, etcd, redis }: Servers, vrf: VrfPlace) {
    this.kube = kube;
    this.apic = apic;
    this.etcd = etcd;
    this.redis = redis;
    this.#folder = mkdtempSync(join(tmpdir(), 'acigw-chaos-'));
    this.#file = join(this.#folder, 'acigw.yaml');
    const urls = { kubernetes: kube.url, apic: apic.url, etcd: etcd.endpoint, redis: redis.url };
    writeFileSync(this.#file, configurationText(urls, vrf));
    this.#store = etcdPolicyStore({ endpoints: [etcd.endpoint], clusterId: CLUSTER });
  }

  /** Starts all of it. `admins` is what others have in the fabric from the first moment on. */
  static async start(vrf: VrfPlace, admins: Parameters<ApicMock['load']>[0]): Promise<ChaosStack> {
    const [kube, apic, etcd, redis] = await Promise.all([
      startKubeMock({ nodes: 2 }),
      startApicMock({ tls: { mode: 'none' }, users: [APIC_USER], subscriptionSeconds: 30 }),
      startEtcd(),
      startRedis(),
    ]);
    apic.load(admins);
    const stack = new ChaosStack({ kube, apic, etcd, redis }, vrf);
    try {
      stack.#follow();
      await stack.startGateway();
      while (stack.#workers.length < WORKERS) await stack.#startWorker();
      return stack;
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  /** The configuration file of the gateway and its workers. */
  get configuration(): string {
    return this.#file;
  }

  /** What the hosts were told last. */
  slices(): Iterable<NodePolicy> {
    return this.#slices.values();
  }

  /** Whether a host put the pod on another VLAN within so many milliseconds, or has just heard of the pod. */
  isMoving(pod: string, withinMs: number): boolean {
    return Date.now() - (this.#moves.get(pod) ?? 0) < withinMs;
  }

  async status(): Promise<GatewayStatus> {
    return (await axios.get<GatewayStatus>(`${this.#gateway?.ready}/api/v1/status`, { proxy: false })).data;
  }

  async open(): Promise<readonly FabricSync[]> {
    return (await axios.get<readonly FabricSync[]>(`${this.#gateway?.ready}/api/v1/sync`, { proxy: false })).data;
  }

  async startGateway(): Promise<void> {
    this.#gateway = await startCommand(['run', '--config', this.#file]);
  }

  /** Ends the gateway as a crash does. */
  async killGateway(): Promise<void> {
    await this.#gateway?.kill();
    this.#gateway = undefined;
  }

  /** Ends a worker as a crash does, and starts another. */
  async replaceWorker(): Promise<void> {
    await this.#workers.shift()?.kill();
    await this.#startWorker();
  }

  /** What can stand still as a machine does that is suspended; of the workers one, whose work others take over. */
  get suspendable(): Readonly<Record<'gateway' | 'worker' | 'redis' | 'etcd', Suspendable | undefined>> {
    const { redis, etcd } = this;
    return { gateway: this.#gateway, worker: this.#workers[0], redis, etcd };
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the storms are over'));
    for (const command of [...this.#workers, this.#gateway]) await command?.kill();
    await this.#store.close();
    await Promise.all([this.apic.stop(), this.kube.stop(), this.etcd.stop(), this.redis.stop()]);
    rmSync(this.#folder, { recursive: true });
  }

  async #startWorker(): Promise<void> {
    this.#workers.push(await startCommand(['worker', '--config', this.#file]));
  }

  /** Follows what the hosts are told, as their agents do. */
  #follow(): void {
    for (const node of ['node-1', 'node-2']) {
      const policy = (slice: NodePolicy | undefined): void => {
        const vlans = new Map(this.#slices.get(node)?.endpoints.map(({ pod, vlan }) => [pod, vlan]));
        for (const { pod, vlan } of slice?.endpoints ?? [])
          if (vlans.get(pod) !== vlan) this.#moves.set(pod, Date.now());
        if (slice === undefined) this.#slices.delete(node);
        else this.#slices.set(node, slice);
      };
      const watch = this.#store.watch(node, { policy, trouble: () => undefined }, this.#stopping.signal);
      watch.catch(() => undefined);
    }
  }
}

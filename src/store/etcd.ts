import { InvalidInputError } from '#errors';
import type { PolicyStore } from '#ports';
import { type EtcdConnectionOptions, RenewedClient } from './etcd-client.js';
import { followKey } from './etcd-watch.js';
import { decodeNodePolicy, encodeNodePolicy } from './node-policy-codec.js';
import { OrderedWrites } from './ordered-writes.js';

/** Which etcd, and which cluster's part of it. */
export interface EtcdPolicyStoreOptions extends EtcdConnectionOptions {
  readonly clusterId: string;
}

/** Names become parts of a key: a slash in one would reach into another's part. */
function keyPart(what: string, name: string): string {
  if (/^[^/\s]+$/.test(name)) return name;
  throw new InvalidInputError(`${what} '${name}': expected a name without slashes and spaces`);
}

/**
 * A policy store in etcd v3. One key a node, `/aci-gateway/<cluster>/nodes/<node>`, holds its NodePolicy as JSON. Several
 * clusters can share an etcd. Calls reject with StoreUnreachableError while etcd is away; watches go on by themselves.
 */
export function etcdPolicyStore(options: EtcdPolicyStoreOptions): PolicyStore {
  const folder = `/aci-gateway/${keyPart('cluster id', options.clusterId)}/nodes/`;
  const keyOf = (node: string): string => `${folder}${keyPart('node', node)}`;
  const client = new RenewedClient(options);
  const writes = new OrderedWrites(client);
  const closed = new AbortController();

  return {
    async put(policy) {
      await writes.put(keyOf(policy.node), encodeNodePolicy(policy));
    },
    async remove(node) {
      await writes.remove(keyOf(node));
    },
    async get(node) {
      const key = keyOf(node);
      const { kvs } = await client.run((etcd) => etcd.get(key).exec());
      writes.found(key, kvs[0]?.mod_revision);
      return kvs[0] === undefined ? undefined : decodeNodePolicy(kvs[0].value.toString(), key);
    },
    async nodes() {
      const keys = await client.run((etcd) => etcd.getAll().prefix(folder).keys());
      return keys.map((key) => key.slice(folder.length)).sort();
    },
    watch: (node, sink, signal) => followKey(options, keyOf(node), sink, AbortSignal.any([signal, closed.signal])),
    async close() {
      closed.abort();
      client.close();
    },
  };
}

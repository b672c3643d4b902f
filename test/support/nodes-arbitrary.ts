import fc from 'fast-check';
import type { KubernetesObject } from '#model/kubernetes';

/** Addresses of nodes: inside and outside of the blocks of `cluster-arbitrary`, in both families. */
export const NODE_ADDRESSES = ['192.0.2.7', '192.0.2.200', '172.16.0.7', '2001:db8::7'] as const;

const node = fc.record({
  labels: fc.dictionary(fc.constantFrom('app', 'tier'), fc.constantFrom('a', 'b'), { maxKeys: 2 }),
  addresses: fc.uniqueArray(
    fc.record({ type: fc.constantFrom('InternalIP', 'ExternalIP'), address: fc.constantFrom(...NODE_ADDRESSES) }),
    { maxLength: 2, selector: ({ address }) => address },
  ),
});

/** No node to three nodes, named after their position; two may claim one address. */
export const nodesArbitrary: fc.Arbitrary<readonly KubernetesObject[]> = fc.array(node, { maxLength: 3 }).map((nodes) =>
  nodes.map(({ labels, addresses }, index) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `node-${index}`, labels },
    status: { addresses },
  })),
);

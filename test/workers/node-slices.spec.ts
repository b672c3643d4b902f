import assert from 'node:assert/strict';
import type { KubernetesObject } from '#model/kubernetes';
import { CompileStack, podOf } from '#support/compile-stack';

const node = (name: string): KubernetesObject => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } });
const onNode = (pod: KubernetesObject, nodeName: string): KubernetesObject => ({
  ...pod,
  spec: { ...(pod['spec'] as object), nodeName },
});

describe('slices of nodes, change by change', () => {
  let stack: CompileStack;
  const podsOn = (name: string): readonly string[] | undefined =>
    stack.worker.desired?.nodes.get(name)?.endpoints.map(({ pod }) => pod);
  const slice = (name: string) => stack.worker.desired?.nodes.get(name) ?? assert.fail(`no slice of ${name}`);

  beforeEach(() => {
    stack = new CompileStack();
    stack.start({
      nodes: [node('n1'), node('n2'), node('n3')],
      pods: [podOf('shop', 'web', 1), podOf('shop', 'web', 2)],
    });
    assert.deepEqual(podsOn('n1'), ['shop/web-1', 'shop/web-2']);
  });

  it('take a pod from one node to another that comes back there as it was', () => {
    const [first, second, third] = [slice('n1'), slice('n2'), slice('n3')];
    stack.cluster.changed('pods', onNode(podOf('shop', 'web', 1), 'n2'));
    stack.worker.run();
    assert.deepEqual([podsOn('n1'), podsOn('n2'), podsOn('n3')], [['shop/web-2'], ['shop/web-1'], []]);
    assert.notEqual(slice('n1').revision, first.revision);
    assert.notEqual(slice('n2').revision, second.revision);
    assert.equal(slice('n3'), third, 'nothing is made anew for a node that it does not concern');
  });

  it('share the addresses, which are in all of them', () => {
    const before = slice('n3');
    stack.cluster.changed('pods', podOf('shop', 'web', 3));
    stack.worker.run();
    assert.notEqual(slice('n3').revision, before.revision);
    assert.equal(slice('n1').addresses, slice('n3').addresses);
    assert.equal(slice('n3').addresses.length, before.addresses.length + 1);
  });

  it('go with their node', () => {
    stack.cluster.removed('nodes', node('n3'));
    stack.worker.run();
    assert.equal(stack.worker.desired?.nodes.has('n3'), false);
    assert.ok(stack.worker.desired?.nodes.has('n2'));
  });
});

import assert from 'node:assert/strict';
import { fabricSettings, parseConfiguration } from '#config';

const parsed = (fabric: string) => parseConfiguration('acigw.yaml', `fabric: ${fabric}`);

describe('configuration of host paths', () => {
  it('takes ports, bundles and ports of fabric extenders, by node or by pattern, in the order of the file', () => {
    const text = `{ encoding: path, hostPaths: {
      worker-1: ['topology/pod-1/paths-101/pathep-[eth1/1]', 'topology/pod-1/paths-102/pathep-[eth1/1]'],
      'worker-*': ['topology/pod-1/protpaths-101-102/pathep-[vpc-{node}]'],
      fex: ['topology/pod-1/paths-101/extpaths-110/pathep-[eth1/7]'] } }`;
    const { encoding, hostPaths } = fabricSettings(parsed(text));
    assert.equal(encoding, 'path');
    assert.deepEqual(
      hostPaths.map(({ nodes, paths }) => [nodes, paths.length]),
      [
        ['worker-1', 2],
        ['worker-*', 1],
        ['fex', 1],
      ],
    );
  });

  for (const path of [
    'topology/pod-1/paths-101/pathep-[]',
    'topology/pod-1/paths-101/pathep-eth1/1',
    'topology/pod-1/protpaths-102-101/pathep-[vpc-1]',
    'topology/pod-1/paths-{node}/pathep-[eth1/1]',
    'uni/tn-a/ap-b/epg-c',
  ]) {
    it(`refuses '${path}', and says what is expected`, () => {
      assert.throws(
        () => parsed(`{ encoding: path, hostPaths: { 'n1': ['${path}'] } }`),
        /acigw.yaml: fabric.hostPaths.n1.0: expected the Dn of a leaf port or bundle, e\.g\. topology/,
      );
    });
  }

  it('refuses to bind on paths when none is given, and a node without any', () => {
    assert.throws(
      () => parsed('{ encoding: path }'),
      /fabric.hostPaths: encoding: path needs the leaf ports of the nodes/,
    );
    assert.throws(() => parsed('{ hostPaths: { n1: [] } }'), /fabric.hostPaths.n1/);
    assert.throws(() => parsed('{ encoding: esg }'), /fabric.encoding/);
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultConfiguration, fabricSettings } from '#config';
import { mapFabric } from '#mappers';
import { type FlatObject, flatten } from '#model/aci';
import { EMPTY_ALLOCATION } from '#model/policy';
import { compile } from '#policy';
import { podManifest, policyManifest, SHOP, TIERS, tieredManifest, writeManifests } from '#support/policy-manifests';
import { FabricPicture } from '../../src/cli/picture/fabric-picture.js';
import { loadPolicyState, type PolicyState } from '../../src/cli/picture/policy-state.js';
import { type Verification, verify } from '../../src/cli/verify/verification.js';

const TENANT = 'uni/tn-k8s-kubernetes';
const PROFILE = `${TENANT}/ap-k8s-kubernetes`;

describe('verifying policies of the tiers', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'acigw-verify-tiers-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const stateOf = (documents: readonly string[]): PolicyState =>
    loadPolicyState({ from: [writeManifests(folder, documents)], ignoreUnknownKinds: false });

  /** What verify says of the objects that would be written, with a change to them. */
  function verified(
    state: PolicyState,
    change: (objects: readonly FlatObject[]) => readonly FlatObject[],
  ): Verification {
    const options = { vlanPool: state.settings.vlanPool, foreignEpgs: [] };
    const { tree } = mapFabric(
      compile(state.snapshot, EMPTY_ALLOCATION, options),
      fabricSettings(defaultConfiguration()),
    );
    return verify(state, FabricPicture.real(state, change(flatten(tree, '')), 'planted'));
  }

  const flowOf = ({ proof }: Verification): readonly unknown[] => {
    const found = proof.counterExample;
    return [found?.source.name, found?.destination.name, found?.protocol, found?.port, found?.kind];
  };

  it('proves them, at their own ports and addresses', () => {
    const plain = verified(stateOf(SHOP), (objects) => objects).proof;
    const state = stateOf([...SHOP, ...TIERS]);
    const { proof, outside } = verified(state, (objects) => objects);
    assert.equal(proof.differences, 0, JSON.stringify(flowOf({ proof } as Verification)));
    assert.ok(proof.points > plain.points, `${proof.points} of ${plain.points}`);
    const addresses = outside.flatMap(({ places }) => places.map(({ name }) => name));
    assert.ok(
      addresses.some((ip) => ip.startsWith('198.51.100.')),
      addresses.join(),
    );
  });

  it('finds that a Deny of the Admin tier is opened again', () => {
    const state = stateOf([...SHOP, ...TIERS]);
    const opened = verified(state, (objects) =>
      objects.map((object) =>
        object.dn.endsWith('/e-f-tcp-80')
          ? { ...object, attributes: { ...object.attributes, dToPort: '6000' } }
          : object,
      ),
    );
    const found = opened.proof.counterExample;
    assert.equal(found?.kind, 'opened');
    assert.equal(opened.proof.differences > 0, true);
  });

  it('finds that what only an Accept of the Admin tier allows is gone', () => {
    const state = stateOf([...SHOP, ...TIERS]);
    const gone = verified(state, (objects) => objects.filter(({ dn }) => !dn.includes('tcp-9100')));
    assert.deepEqual(flowOf(gone), ['shop/client', 'shop/web', 'TCP', 9100, 'denied']);
  });

  it('leaves out the namespaces of the pods that a refused policy is about, and no others', () => {
    const bad = tieredManifest(
      'ClusterNetworkPolicy/odd',
      `{ tier: Admin, priority: 9, subject: { namespaces: { matchLabels: { kubernetes.io/metadata.name: other } } },
         egress: [{ action: Deny, to: [{ networks: [nonsense] }] }] }`,
    );
    const state = stateOf([...SHOP, podManifest('other/late', '10.244.0.99'), bad]);
    const { oracle, proof } = verified(state, (objects) => objects);
    assert.deepEqual([...oracle.unspecified], ['other']);
    assert.equal(proof.differences, 0);
    assert.ok(proof.points > 0);
    const all = stateOf([
      ...SHOP,
      tieredManifest('ClusterNetworkPolicy/any', '{ tier: Admin, priority: 9, subject: {} }'),
    ]);
    assert.deepEqual([...verified(all, (objects) => objects).oracle.unspecified], ['shop']);
  });

  it('a Deny by domain names, which the API does not foresee, is not taken for proved', () => {
    const domains = tieredManifest(
      'ClusterNetworkPolicy/domains',
      `{ tier: Admin, priority: 9, subject: { namespaces: {} },
         egress: [{ action: Deny, to: [{ domainNames: [example.org] }] }] }`,
    );
    assert.deepEqual([...verified(stateOf([...SHOP, domains]), (objects) => objects).oracle.unspecified], ['shop']);
  });

  it('reads the forms of the first v1alpha1', () => {
    const old = tieredManifest(
      'AdminNetworkPolicy/old',
      `{ priority: 1, subject: { namespaces: { namespaceSelector: { matchLabels: { none: such } } } },
         ingress: [{ action: Deny, from: [{ pods: { namespaces: { namespaceSelector: {} }, podSelector: {} } }] }] }`,
    );
    const { proof, oracle } = verified(stateOf([...SHOP, old]), (objects) => objects);
    assert.deepEqual([proof.differences, oracle.unspecified.size], [0, 0]);
  });

  it('finds an EPG whose members talk freely although a policy isolates them', () => {
    const twin = podManifest('shop/web-2', '10.244.0.20')
      .replaceAll('web-2,', 'web,')
      .replace('app: web-2', 'app: web');
    const closed = policyManifest(
      'shop/closed',
      '{ podSelector: { matchLabels: { app: web } }, policyTypes: [Ingress] }',
    );
    const state = stateOf([...SHOP.filter((document) => !document.includes('kind: NetworkPolicy')), twin, closed]);
    const free = verified(state, (objects) =>
      objects.map((object) =>
        object.dn === `${PROFILE}/epg-shop.web`
          ? { ...object, attributes: { ...object.attributes, pcEnfPref: 'unenforced' } }
          : object,
      ),
    );
    assert.deepEqual(flowOf(free).slice(0, 2), ['shop/web', 'shop/web-2']);
    assert.equal(free.proof.counterExample?.kind, 'opened');
  });
});

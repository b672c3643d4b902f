import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { mapFabric } from '#mappers';
import { type FlatObject, flatten, parentDn } from '#model/aci';
import { snapshotOf } from '#model/kubernetes';
import { EMPTY_ALLOCATION } from '#model/policy';
import { compile, type NetworkPolicyObject } from '#policy';
import { clusterArbitrary } from '#support/cluster-arbitrary';
import { plainlyDiffers } from '#support/plain-proof';
import { SHOP, tieredManifest, writeManifests } from '#support/policy-manifests';
import { runAcigw } from '#support/run-command';
import { adminObjects } from '../../src/cli/picture/admin-objects.js';
import { FabricPicture } from '../../src/cli/picture/fabric-picture.js';
import { loadPolicyState, type PolicyState } from '../../src/cli/picture/policy-state.js';
import { verify } from '../../src/cli/verify/verification.js';

const TENANT = 'uni/tn-k8s-prod';
const DB = `${TENANT}/ap-legacy/epg-db`;
const NAME = 'epg.k8s-prod.legacy.db';
const CONFIGURATION = `
clusterId: prod
fabric:
  foreignEpgs:
    - { dn: ${DB}, addresses: [203.0.113.0/24, 192.0.2.0/25] }
    - { dn: ${TENANT}/ap-legacy/epg-inner, addresses: [192.0.2.1/32] }
    - { dn: ${TENANT}/ap-legacy/epg-mail }
fabricPolicies:
  allow: [{ namespaces: [shop, x], groups: [${NAME}, epg.k8s-prod.legacy.mail], ports: ['TCP:5432', 'UDP:53', 'TCP:80'] }]
`;

const policy = (
  spec: string,
  { name = 'web-db', namespace = 'shop', apiVersion = 'aci-gateway.io/v1alpha1' } = {},
): string => `
apiVersion: ${apiVersion}
kind: FabricPolicy
metadata: { name: ${name}, namespace: ${namespace} }
spec: ${spec}
`;

const toDb = (port: number, group = NAME): string =>
  `{ podSelector: { matchLabels: { app: web } }, egress: [{ to: [{ group: ${group} }], ports: [{ port: ${port} }] }] }`;

describe('FabricPolicies on the command line', () => {
  let folder: string;
  let config: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'acigw-fabric-policies-'));
    config = join(folder, 'acigw.yaml');
    writeFileSync(config, CONFIGURATION);
  });
  after(() => rmSync(folder, { recursive: true }));

  const run = (command: string, documents: readonly string[], ...more: readonly string[]) =>
    runAcigw([command, '--from', writeManifests(folder, documents), '--config', config, ...more]);
  const stateOf = (documents: readonly string[]): PolicyState =>
    loadPolicyState({ from: [writeManifests(folder, documents)], config, ignoreUnknownKinds: false });

  it('compile to contract relations with the group, where they are granted', async () => {
    const { stdout, exitCode } = await run('compile', [...SHOP, policy(toDb(5432))]);
    assert.equal(exitCode, 0);
    assert.match(stdout, /"tnVzBrCPName": "[^"]*tcp-5432/);
    assert.doesNotMatch(stdout, /FABRIC_POLICY_DENIED/);
    const without = await run('compile', SHOP);
    assert.doesNotMatch(without.stdout, /5432/);
  });

  it('open nothing where they are not, with the reason and the place', async () => {
    const denied = await run('compile', [
      ...SHOP,
      policy(toDb(22)),
      policy(toDb(5432, 'epg.k8s-prod.legacy.mail'), { name: 'mail' }),
    ]);
    assert.equal(denied.exitCode, 0, 'a policy that is not granted is read as it is');
    const { findings } = JSON.parse(denied.stdout) as { findings: { code: string; object: string; message: string }[] };
    const told = findings.filter(({ code }) => code === 'FABRIC_POLICY_DENIED');
    assert.deepEqual(
      told.map(({ object }) => object),
      ['FabricPolicy/shop/web-db'],
    );
    const empty = findings.find(({ code }) => code === 'FABRIC_GROUP_EMPTY');
    assert.equal(empty?.object, 'FabricPolicy/shop/mail');
    assert.match(empty.message, /its addresses are those that the fabric knows, which is not asked here/);
    assert.match(told[0]?.message ?? '', /^.*\.yaml.*: spec\.egress\[0\].*grants it TCP:80,5432 UDP:53/);
  });

  it('are no matter when another API group has a kind of that name', async () => {
    const { stdout } = await run('compile', [...SHOP, policy(toDb(5432), { apiVersion: 'example.org/v1' })]);
    assert.match(stdout, /UNKNOWN_KIND/);
    assert.doesNotMatch(stdout, /FABRIC_POLICY_DENIED|tcp-5432/);
    const odd = '\napiVersion: example.org/v1\nkind: FabricPolicy\nmetadata: { name: odd, namespace: shop }\n';
    const verified = await run('verify', [...SHOP, odd], '--ignore-unknown-kinds');
    assert.equal(verified.exitCode, 0, verified.stderr);
  });

  it('explain a flow that they open', async () => {
    const documents = [...SHOP, policy(toDb(5432))];
    const open = await run('explain', documents, 'shop/web', DB, 'TCP/5432');
    assert.equal(open.exitCode, 0, open.stdout + open.stderr);
    assert.match(open.stdout, /FabricPolicy\/shop\/web-db egress\[0\]/);
    const inner = await run('explain', documents, 'shop/web', '192.0.2.1', 'TCP/5432');
    assert.equal(inner.exitCode, 1, 'the address is another group’s');
  });

  it('are proved, and what is not as they say is found', () => {
    const baseline = tieredManifest(
      'BaselineAdminNetworkPolicy/default',
      '{ subject: { namespaces: {} }, egress: [{ action: Deny, to: [{ networks: [203.0.113.0/24] }] }] }',
    );
    const client = policy(
      `{ podSelector: { matchLabels: { app: client } }, egress: [{ to: [{ group: ${NAME} }], ports: [{ port: 80 }] }] }`,
      { name: 'client-db' },
    );
    const state = stateOf([...SHOP, baseline, policy(toDb(5432)), client]);
    assert.equal(verify(state, FabricPicture.wanted(state)).proof.differences, 0);
    const forgotten = { ...stateOf([...SHOP, baseline]), snapshot: state.snapshot };
    const { proof } = verify(forgotten, FabricPicture.wanted(forgotten));
    assert.equal(proof.counterExample?.kind, 'opened');
    const missing = { ...state, snapshot: forgottenSnapshot(state) };
    assert.equal(verify(missing, FabricPicture.wanted(missing)).proof.counterExample?.kind, 'denied');
  });

  /** The snapshot without what FabricPolicies say. */
  const forgottenSnapshot = ({ snapshot }: PolicyState): PolicyState['snapshot'] => ({
    ...snapshot,
    policies: new Map([...snapshot.policies].filter(([key]) => !key.startsWith('FabricPolicy/'))),
  });

  const label = fc.constantFrom({}, { matchLabels: { app: 'web' } }, { matchLabels: { app: 'db' } });
  const wanted = fc.record({
    podSelector: label,
    port: fc.constantFrom(53, 80, 5432),
    way: fc.constantFrom('to' as const, 'from' as const),
  });

  it('property: are proved in random clusters, and a relation that is gone is found whenever a look at every flow finds it', () => {
    const seen = { differ: 0, planted: 0 };
    const { grants, configuration, settings, foreignEpgs } = stateOf(SHOP);
    fc.assert(
      fc.property(
        clusterArbitrary,
        fc.array(wanted, { minLength: 1, maxLength: 3 }),
        fc.nat(),
        (cluster, asked, pick) => {
          const added = asked.map(({ podSelector, port, way }, index) => ({
            apiVersion: 'aci-gateway.io/v1alpha1',
            kind: 'FabricPolicy',
            metadata: { name: `p${index}`, namespace: 'x' },
            spec: {
              podSelector,
              [way === 'to' ? 'egress' : 'ingress']: [
                { [way]: [{ group: NAME }], ports: [{ port, protocol: port === 53 ? 'UDP' : 'TCP' }] },
              ],
            },
          }));
          const { namespaces, nodes, pods, policies, tieredPolicies } = cluster.objects;
          const objects = [...namespaces, ...nodes, ...pods, ...policies, ...tieredPolicies, ...added];
          const snapshot = snapshotOf({ ...cluster.objects, policies: [...policies, ...added] }, 1, grants);
          const manifests = { objects, places: new Map<string, string>(), findings: [] };
          const state = { configuration, settings, foreignEpgs, manifests, objects, snapshot, grants };
          const picture = FabricPicture.wanted(state);
          assert.equal(verify(state, picture).proof.differences, 0);
          // A look at every flow does not know that an EPG that policies cut is permitted as a whole.
          if (picture.compiled.findings.some(({ code }) => code === 'IPBLOCK_SPLITS_EPG')) return;
          const plainly = { ...cluster, state: { ...cluster.state, additivePolicies: asked.map(inPlainWords) } };
          assert.equal(plainlyDiffers(plainly, picture), false);
          const written = objectsOf(state);
          const relations = written.filter(
            ({ className, dn }) => /^fvRs(Prov|Cons)$/.test(className) && parentDn(dn) === DB,
          );
          const gone = relations[pick % relations.length];
          if (gone === undefined) return;
          seen.planted += 1;
          const real = FabricPicture.real(
            state,
            written.filter(({ dn }) => dn !== gone.dn),
            'planted',
          );
          const differs = plainlyDiffers(plainly, real);
          if (differs) seen.differ += 1;
          if (differs) assert.ok(verify(state, real).proof.differences > 0);
        },
      ),
      { numRuns: 60 },
    );
    assert.ok(seen.differ > 3, JSON.stringify(seen));
  }).timeout(120_000);
});

/** What would be written, with what an admin has made. */
function objectsOf({ snapshot, settings, foreignEpgs }: PolicyState): readonly FlatObject[] {
  const compiled = compile(snapshot, EMPTY_ALLOCATION, { vlanPool: settings.vlanPool, foreignEpgs });
  return [...adminObjects(settings, foreignEpgs), ...flatten(mapFabric(compiled, settings).tree, '')];
}

/** What the policy says, as the addresses of the group. */
function inPlainWords({
  podSelector,
  port,
  way,
}: {
  podSelector: object;
  port: number;
  way: 'to' | 'from';
}): NetworkPolicyObject {
  const peers = [
    { ipBlock: { cidr: '203.0.113.0/24' } },
    { ipBlock: { cidr: '192.0.2.0/25', except: ['192.0.2.1/32'] } },
  ];
  const rule = { [way]: peers, ports: [{ port, protocol: port === 53 ? 'UDP' : 'TCP' }] };
  return {
    metadata: { name: 'p', namespace: 'x' },
    spec: {
      podSelector,
      policyTypes: [way === 'to' ? 'Egress' : 'Ingress'],
      [way === 'to' ? 'egress' : 'ingress']: [rule],
    },
  };
}

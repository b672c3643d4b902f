import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isTieredPolicy, type KubernetesObject, readTieredPolicy, selectorKey } from '#model/kubernetes';
import { clusterArbitrary, PROTOCOL_NAMES } from '#support/cluster-arbitrary';
import { PolicyLevels } from '#support/policy-levels';
import { tieredObject, tieredPolicy } from '#support/tiered-arbitrary';

const read = (spec: object, kind = 'AdminNetworkPolicy') =>
  readTieredPolicy({ apiVersion: 'policy.networking.k8s.io/v1alpha1', kind, metadata: { name: 'a' }, spec });

/** What somebody might write where something else was meant. */
const junk = fc.oneof(
  fc.constantFrom(undefined, null, {}, [], '', 'x', 0, -1, 70_000, true, [null], { a: 1 }),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Places of all values below a value, as paths. */
function paths(value: unknown, at: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, item]) => paths(item, [...at, key]))];
}

/** A copy with another value at the path. */
function withValueAt(value: unknown, [step, ...rest]: readonly string[], other: unknown): unknown {
  if (step === undefined) return other;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...(value as object) };
  Object.assign(copy, { [step]: withValueAt((copy as Record<string, unknown>)[step], rest, other) });
  return copy;
}

describe('kubernetes: policies of the tiers around NetworkPolicy', () => {
  it('are known by group and kind: other groups have kinds of the same names', () => {
    const named = (apiVersion: string, kind: string): KubernetesObject => ({
      apiVersion,
      kind,
      metadata: { name: 'a' },
    });
    assert.ok(isTieredPolicy(named('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy')));
    assert.ok(isTieredPolicy(named('policy.networking.k8s.io/v1alpha1', 'BaselineAdminNetworkPolicy')));
    assert.ok(!isTieredPolicy(named('crd.antrea.io/v1beta1', 'ClusterNetworkPolicy')));
    assert.ok(!isTieredPolicy(named('networking.k8s.io/v1', 'NetworkPolicy')));
  });

  it('namespaces of the first v1alpha1 stand one level deeper, and mean the same', () => {
    const selector = { matchLabels: { team: 'a' } };
    const deep = read({
      priority: 1,
      subject: { namespaces: { namespaceSelector: selector } },
      ingress: [
        {
          action: 'Allow',
          from: [
            { namespaces: { namespaceSelector: selector } },
            { pods: { namespaces: { namespaceSelector: selector }, podSelector: {} } },
          ],
        },
      ],
    });
    const flat = read({
      priority: 1,
      subject: { namespaces: selector },
      ingress: [
        {
          action: 'Allow',
          from: [{ namespaces: selector }, { pods: { namespaceSelector: selector, podSelector: {} } }],
        },
      ],
    });
    assert.deepEqual(deep.findings, []);
    assert.deepEqual(deep.view, flat.view);
    assert.equal(selectorKey(flat.view?.namespaces ?? { requirements: [] }), '["team","In","a"]');
  });

  it('names the object, the field, what was expected and what becomes of it', () => {
    const { findings } = read({
      priority: 1,
      subject: { namespaces: {} },
      egress: [{ action: 'Allow', to: [{ networks: ['10.0.0.0/33'] }] }],
    });
    assert.equal(findings.length, 1);
    assert.equal(findings[0]?.object, 'AdminNetworkPolicy/a');
    assert.match(
      findings[0]?.message ?? '',
      /^spec\.egress\[0\]\.to\[0\]\.networks\[0\]: .*33.*an Accept matches nothing/,
    );
  });

  it('whatever one field holds, what cannot be read opens nothing that was closed', function () {
    this.timeout(120_000);
    let spoiled = 0;
    fc.assert(
      fc.property(clusterArbitrary, tieredPolicy, junk, fc.nat(), ({ objects, endpoints }, policy, other, pick) => {
        const places = paths(policy.spec).slice(1);
        const spec = withValueAt(policy.spec, places[pick % places.length] ?? [], other) as object;
        const [good, bad] = [tieredObject(policy, 0), tieredObject({ ...policy, spec }, 0)];
        const after = new PolicyLevels({ ...objects, tieredPolicies: [bad] });
        const unreadable = after.findings.some(
          ({ object, severity }) => object.endsWith('/tiered-0') && severity === 'error',
        );
        // Another value that can be read means something else, and may open.
        if (!unreadable) return;
        spoiled += 1;
        const before = new PolicyLevels({ ...objects, tieredPolicies: [good] });
        for (const source of endpoints) {
          for (const destination of endpoints) {
            if ((source.endpoint.namespace ?? destination.endpoint.namespace) === undefined) continue;
            for (const protocol of PROTOCOL_NAMES) {
              for (const port of [53, 80, 81, 8000, 8080]) {
                const probe = { source, destination, protocol, port };
                const text = `${source.key} -> ${destination.key} ${protocol}/${port}: ${JSON.stringify(spec)}`;
                assert.ok(!after.matrix(probe) || before.matrix(probe), text);
              }
            }
          }
        }
      }),
      { numRuns: 300 },
    );
    assert.ok(spoiled > 50, `only ${spoiled} policies could not be read`);
  });
});

import assert from 'node:assert/strict';
import type { KubernetesObject } from '#model/kubernetes';
import { parsePrefix } from '#model/net';
import type { ForeignEpg } from '#policy';
import { CompileStack, podOf, policyFor } from '#support/compile-stack';
import { OWN_FABRIC } from '#support/settings';
import { WatchedCluster } from '#support/watched-cluster';

/** A shop whose front end reaches its back end on one port. */
const SHOP = {
  namespaces: ['shop', 'bank'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
  pods: [podOf('shop', 'front', 1), podOf('shop', 'back', 1), podOf('bank', 'teller', 1)],
  policies: [policyFor('shop', 'back', 'front', 8080)],
};

/** Dns whose objects differ between two states, without what is below another one of them. */
function changedDns(before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): readonly string[] {
  const dns = new Set([...before.keys(), ...after.keys()]);
  const changed = [...dns].filter((dn) => JSON.stringify(before.get(dn)) !== JSON.stringify(after.get(dn)));
  return changed.filter((dn) => !changed.some((other) => dn.startsWith(`${other}/`))).sort();
}

/** Compiles what changed; gives the Dns that it made different. */
function follow(stack: CompileStack): readonly string[] {
  const before = stack.worker.desired?.objects ?? new Map();
  assert.ok(stack.worker.run());
  return changedDns(before, stack.worker.desired?.objects ?? new Map());
}

describe('compile worker', () => {
  it('does nothing before the cluster and the fabric were listed in full', () => {
    const stack = new CompileStack();
    assert.equal(stack.worker.run(), false);
    new WatchedCluster(SHOP).list(stack.cluster);
    assert.equal(stack.worker.run(), false, 'nobody knows which VLANs are bound');
    stack.fabric.replaced([]);
    assert.ok(stack.worker.run());
    assert.equal(stack.worker.run(), false, 'there is nothing new');
  });

  it('keeps every object of the fabric when a pod like others comes, and tells the hosts of it', () => {
    const stack = new CompileStack();
    stack.start(SHOP);
    const before = stack.worker.desired;
    stack.cluster.changed('pods', podOf('shop', 'front', 2));
    assert.ok(stack.worker.run());
    const after = stack.worker.desired;
    assert.notEqual(after, before);
    assert.equal(after?.objects, before?.objects, 'the very same map');
    assert.equal(after?.references, before?.references);
    const pods = (after?.nodes.get('n1')?.endpoints ?? []).map(({ pod }) => pod);
    assert.deepEqual(pods, ['bank/teller-1', 'shop/back-1', 'shop/front-1', 'shop/front-2']);
  });

  it('keeps every object of the fabric when a machine of others comes, and tells the hosts of it', () => {
    const fromMachines = {
      ...policyFor('shop', 'back', 'front', 8080),
      spec: {
        podSelector: { matchLabels: { app: 'back' } },
        ingress: [{ from: [{ ipBlock: { cidr: '192.0.2.0/24' } }] }],
      },
    };
    const dn = 'uni/tn-vms/ap-vms/epg-db';
    let foreignEpgs: readonly ForeignEpg[] = [{ dn, prefixes: [parsePrefix('192.0.2.1/32')] }];
    const stack = new CompileStack(OWN_FABRIC, { foreignEpgs: () => foreignEpgs });
    stack.start({ ...SHOP, policies: [fromMachines] });
    const before = stack.worker.desired;
    const machines = (): readonly string[] =>
      (stack.worker.desired?.nodes.get('n1')?.addresses ?? [])
        .map(({ prefix }) => prefix)
        .filter((prefix) => prefix.startsWith('192.0.2.'));
    assert.deepEqual(machines(), ['192.0.2.0/24', '192.0.2.1/32']);
    foreignEpgs = [{ dn, prefixes: ['192.0.2.1/32', '192.0.2.7/32'].map(parsePrefix) }];
    assert.ok(stack.worker.run());
    assert.equal(stack.worker.desired?.objects, before?.objects, 'the very same map: nothing was compiled anew');
    assert.deepEqual(machines(), ['192.0.2.0/24', '192.0.2.1/32', '192.0.2.7/32']);
    assert.equal(stack.worker.run(), false);
  });

  it('lets changes wait while a plan is carried out that was overtaken for long, and not the first ones', () => {
    let holdMs = 250;
    const stack = new CompileStack(OWN_FABRIC, { holdMs: () => holdMs });
    stack.start(SHOP);
    assert.ok(stack.worker.desired !== undefined, 'there is no plan yet');
    const before = stack.worker.desired;
    stack.cluster.changed('networkpolicies', policyFor('shop', 'back', 'front', 9090));
    assert.equal(stack.worker.run(), false);
    assert.equal(stack.worker.audit(), false);
    assert.equal(stack.worker.dueInMs, 250);
    assert.equal(stack.worker.desired, before);
    holdMs = 0;
    assert.ok(stack.worker.run());
    assert.equal(stack.worker.dueInMs, undefined);
  });

  it('changes the objects of one policy only when that changes, and hands out new maps', () => {
    const stack = new CompileStack();
    stack.start(SHOP);
    const before = stack.worker.desired;
    const known = new Map(before?.objects);
    stack.cluster.changed('networkpolicies', policyFor('shop', 'back', 'front', 9090));
    const changed = follow(stack);
    assert.ok(changed.length > 0);
    for (const dn of changed) assert.doesNotMatch(dn, /bank|front\.|infra/);
    assert.ok(changed.some((dn) => dn.includes('9090')) && changed.some((dn) => dn.includes('8080')), changed.join());
    assert.deepEqual(new Map(before?.objects), known, 'what was handed out stays as it is');
  });

  it('takes objects out when a namespace goes with everything in it', () => {
    const stack = new CompileStack();
    stack.start(SHOP);
    stack.cluster.removed('pods', podOf('bank', 'teller', 1));
    stack.cluster.removed('namespaces', SHOP.namespaces[1] as KubernetesObject);
    const dns = [...(follow(stack), stack.worker.desired?.objects.keys() ?? [])];
    assert.deepEqual(
      dns.filter((dn) => dn.includes('bank')),
      [],
    );
    assert.ok(dns.some((dn) => dn.includes('epg-shop')));
  });

  it('takes a burst as one change, and a list as the changes that it brings', () => {
    const stack = new CompileStack();
    stack.start(SHOP);
    for (let number = 2; number < 60; number += 1) stack.cluster.changed('pods', podOf('shop', 'front', number));
    stack.cluster.removed('networkpolicies', policyFor('shop', 'back', 'front', 8080));
    follow(stack);
    assert.equal(stack.worker.run(), false);
    stack.cluster.replaced('pods', SHOP.pods);
    assert.deepEqual(follow(stack), [], 'the pods of the list are like those that are gone');
    assert.equal(stack.worker.desired?.nodes.get('n1')?.endpoints.length, 3);
  });

  it('has nothing to do when a list brings nothing new', () => {
    const stack = new CompileStack();
    stack.start(SHOP);
    new WatchedCluster(SHOP).list(stack.cluster);
    assert.equal(stack.worker.run(), false);
  });

  it('makes what only people and hosts ask for once a revision, when they ask', () => {
    const stack = new CompileStack();
    stack.start(SHOP);
    const { desired } = stack.worker;
    assert.equal(desired?.compiled, desired?.compiled);
    assert.equal(desired?.nodes, desired?.nodes);
    stack.cluster.changed('pods', podOf('shop', 'front', 2));
    stack.worker.run();
    assert.notEqual(stack.worker.desired?.nodes, desired?.nodes);
    assert.equal(desired?.nodes.get('n1')?.endpoints.length, 3, 'what was asked for stays as it was');
  });

  it('splits by workload no more when the pool is too small for it, and keeps VLANs', () => {
    const settings = { ...OWN_FABRIC, vlanPool: { ...OWN_FABRIC.vlanPool, from: 100, to: 107 } };
    const stack = new CompileStack(settings);
    stack.start(SHOP);
    const namesOf = (): readonly string[] => (stack.worker.desired?.compiled.groups ?? []).map(({ name }) => name);
    assert.ok(namesOf().includes('shop.front'), namesOf().join());
    const vlan = (name: string) => stack.worker.desired?.encoding.vlan(name, 'n1');
    const before = vlan('shop');
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) stack.cluster.changed('pods', podOf('shop', name, 1));
    stack.worker.run();
    assert.deepEqual(
      namesOf().filter((name) => name.startsWith('shop.')),
      [],
    );
    assert.equal(vlan('shop'), before);
    assert.equal(stack.worker.audit(), false);
    assert.deepEqual(stack.worker.audits, { done: 1, differences: 0 });
  });

  it('compiles everything after an error, with the names of before', () => {
    let isBroken = false;
    const now = (): number => {
      if (isBroken) throw new Error('a mistake of ours');
      return 0;
    };
    const stack = new CompileStack(OWN_FABRIC, { clock: { now, uptime: now, sleep: () => Promise.resolve() } });
    stack.start(SHOP);
    const before = new Map(stack.worker.desired?.objects);
    stack.cluster.changed('pods', podOf('shop', 'front', 2));
    isBroken = true;
    assert.throws(() => stack.worker.run(), /a mistake of ours/);
    isBroken = false;
    assert.ok(stack.worker.run());
    assert.deepEqual(changedDns(before, stack.worker.desired?.objects ?? new Map()), []);
    assert.equal(stack.worker.desired?.nodes.get('n1')?.endpoints.length, 4);
  });
});

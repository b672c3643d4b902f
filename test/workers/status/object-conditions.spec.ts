import assert from 'node:assert/strict';
import { listAt, textAt } from '#model/kubernetes';
import type { Finding } from '#model/policy';
import { silentLogger } from '#runtime';
import { keptInMemory } from '#support/kept-objects';
import { ManualClock } from '#support/manual-clock';
import { ObjectConditions } from '../../../workers/status/object-conditions.js';

const AUDIT_MS = 60_000;
const POLICY = {
  apiVersion: 'policy.networking.k8s.io/v1alpha1',
  kind: 'AdminNetworkPolicy',
  metadata: { name: 'monitoring' },
};
const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
const fault: Finding = { code: 'DEPLOY_FAULT', severity: 'error', object: 'Namespace/shop', message: 'a fault' };

describe('conditions of policies and namespaces', () => {
  let clock: ManualClock;
  let kept: ReturnType<typeof keptInMemory>;
  let lists: string[];
  let conditions: ObjectConditions;
  let namespaces: string[];
  const signal = new AbortController().signal;
  const saidOf = (name: string): readonly (string | undefined)[] =>
    listAt(kept.objects.get(name), 'status', 'conditions').map((condition) => textAt(condition, 'status'));

  beforeEach(() => {
    clock = new ManualClock();
    kept = keptInMemory(POLICY, NAMESPACE);
    lists = [];
    namespaces = ['shop'];
    const { writer } = kept;
    conditions = new ObjectConditions({
      writer: {
        ...writer,
        list: (kind, ...rest) => {
          lists.push(kind);
          return writer.list(kind, ...rest);
        },
      },
      policies: () => ['AdminNetworkPolicy/monitoring'],
      namespaces: () => namespaces,
      fabric: () => new Map(),
      timing: { auditMs: AUDIT_MS, refusedAgainMs: 1000, failedAgainMs: 1000 },
      clock,
      log: silentLogger,
    });
  });

  it('are on every policy, and on a namespace from when there was something to say', async () => {
    await conditions.run([], signal);
    assert.deepEqual(kept.statuses, ['AdminNetworkPolicy/monitoring']);
    await conditions.run([fault], signal);
    assert.deepEqual(saidOf('Namespace/shop'), ['False']);
    await conditions.run([], signal);
    assert.deepEqual(saidOf('Namespace/shop'), ['True']);
    const { length } = kept.statuses;
    await conditions.run([], signal);
    assert.equal(kept.statuses.length, length, 'the same is not said twice');
  });

  it('come back on what was made anew under its name', async () => {
    await conditions.run([fault], signal);
    for (const object of [POLICY, NAMESPACE]) kept.objects.set(`${object.kind}/${object.metadata.name}`, object);
    await clock.advance(AUDIT_MS);
    await conditions.run([fault], signal);
    assert.deepEqual(saidOf('AdminNetworkPolicy/monitoring'), ['True']);
    assert.deepEqual(saidOf('Namespace/shop'), ['False']);
  });

  it('are not looked for again and again on a namespace that only its pods speak of', async () => {
    namespaces = ['shop', 'implied'];
    await conditions.run([{ ...fault, object: 'Namespace/implied' }], signal);
    const { length } = lists;
    await conditions.run([{ ...fault, object: 'Namespace/implied' }], signal);
    assert.equal(lists.length, length);
  });
});

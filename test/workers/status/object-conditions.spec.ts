import assert from 'node:assert/strict';
import { GatewayError } from '#errors';
import { listAt, textAt } from '#model/kubernetes';
import type { Finding } from '#model/policy';
import { WRITE_ERRORS } from '#ports';
import { silentLogger } from '#runtime';
import { keptInMemory } from '#support/kept-objects';
import { ManualClock } from '#support/manual-clock';
import { ObjectConditions } from '../../../workers/status/object-conditions.js';

const AUDIT_MS = 60_000;
const REFUSED_MS = 5000;
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
  let removed: ReadonlySet<string>;
  let isLost: boolean;
  const signal = new AbortController().signal;
  const saidOf = (name: string): readonly (string | undefined)[] =>
    listAt(kept.objects.get(name), 'status', 'conditions').map((condition) => textAt(condition, 'status'));

  beforeEach(() => {
    clock = new ManualClock();
    kept = keptInMemory(POLICY, NAMESPACE);
    lists = [];
    namespaces = ['shop'];
    removed = new Set();
    isLost = false;
    const { writer } = kept;
    conditions = new ObjectConditions({
      writer: {
        ...writer,
        applyStatus: async (...given) => {
          await writer.applyStatus(...given);
          if (isLost) throw new Error('the answer was lost');
        },
        list: (kind, ...rest) => {
          lists.push(kind);
          return writer.list(kind, ...rest);
        },
      },
      policies: () => ['AdminNetworkPolicy/monitoring'],
      namespaces: () => namespaces,
      removed: () => {
        const names = removed;
        removed = new Set();
        return names;
      },
      fabric: () => new Map(),
      timing: { auditMs: AUDIT_MS, refusedAgainMs: REFUSED_MS, failedAgainMs: 1000 },
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

  it('come at once on what was deleted and made anew under its name', async () => {
    await conditions.run([fault], signal);
    for (const object of [POLICY, NAMESPACE]) kept.objects.set(`${object.kind}/${object.metadata.name}`, object);
    removed = new Set(['AdminNetworkPolicy/monitoring', 'Namespace/shop']);
    await conditions.run([fault], signal);
    assert.deepEqual(saidOf('AdminNetworkPolicy/monitoring'), ['True']);
    assert.deepEqual(saidOf('Namespace/shop'), ['False']);
  });

  it('come back on what was made anew without anybody seeing it go', async () => {
    await conditions.run([fault], signal);
    for (const object of [POLICY, NAMESPACE]) kept.objects.set(`${object.kind}/${object.metadata.name}`, object);
    clock.set(-3_600_000);
    await clock.advance(AUDIT_MS);
    await conditions.run([fault], signal);
    assert.deepEqual(saidOf('AdminNetworkPolicy/monitoring'), ['True']);
    assert.deepEqual(saidOf('Namespace/shop'), ['False']);
  });

  it('are written again after a write of which the answer was lost, though the same is to be said as before', async () => {
    await conditions.run([fault], signal);
    await conditions.run([], signal);
    assert.deepEqual(saidOf('Namespace/shop'), ['True']);
    isLost = true;
    await conditions.run([fault], signal);
    assert.deepEqual(saidOf('Namespace/shop'), ['False']);
    isLost = false;
    await conditions.run([], signal);
    assert.deepEqual(saidOf('Namespace/shop'), ['True']);
  });

  it('are put right on a namespace though the answer was lost to the first thing that was ever said on it', async () => {
    for (const waitMs of [0, AUDIT_MS]) {
      kept.objects.set('Namespace/shop', NAMESPACE);
      removed = new Set(['Namespace/shop']);
      isLost = true;
      await conditions.run([fault], signal);
      assert.deepEqual(saidOf('Namespace/shop'), ['False']);
      isLost = false;
      await clock.advance(waitMs);
      await conditions.run([], signal);
      assert.deepEqual(saidOf('Namespace/shop'), ['True'], `${waitMs} ms later`);
    }
  });

  it('are not tried again at once, nor on other objects of the kind, when the account may not write them', async () => {
    const refusal = new GatewayError(WRITE_ERRORS.forbidden, 'may not', { disposition: 'wait' });
    let tries = 0;
    kept.writer.applyStatus = ({ kind }) => {
      tries += kind === 'Namespace' ? 1 : 0;
      return kind === 'Namespace' ? Promise.reject(refusal) : Promise.resolve();
    };
    namespaces = ['shop', 'other'];
    kept.objects.set('Namespace/other', { ...NAMESPACE, metadata: { name: 'other' } });
    const findings = [fault, { ...fault, object: 'Namespace/other' }];
    for (let round = 0; round < 5; round += 1) assert.equal(await conditions.run(findings, signal), REFUSED_MS);
    assert.deepEqual([tries, conditions.trouble], [1, 'may not']);
    await clock.advance(REFUSED_MS);
    await conditions.run(findings, signal);
    assert.equal(tries, 2);
  });

  it('are not looked for again and again on a namespace that only its pods speak of', async () => {
    namespaces = ['shop', 'implied'];
    await conditions.run([{ ...fault, object: 'Namespace/implied' }], signal);
    const { length } = lists;
    await conditions.run([{ ...fault, object: 'Namespace/implied' }], signal);
    assert.equal(lists.length, length);
  });
});

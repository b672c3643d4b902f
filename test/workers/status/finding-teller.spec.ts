import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { type FlatObject, MARK_KEYS, markDn } from '#model/aci';
import type { Finding } from '#model/policy';
import type { ClusterEvent } from '#ports';
import { measuresInMemory } from '#runtime';
import { ManualClock } from '#support/manual-clock';
import { FindingTeller, reasonOf } from '../../../workers/status/finding-teller.js';

const EPG = 'uni/tn-t/ap-a/epg-web';
const mark = (key: string, value: string): FlatObject => ({
  className: 'tagAnnotation',
  dn: markDn(EPG, key),
  attributes: { key, value },
});
const FABRIC = new Map(
  [mark(MARK_KEYS.owner, 'test'), mark(MARK_KEYS.source, 'NetworkPolicy/shop/a NetworkPolicy/shop/b …')].map(
    (object) => [object.dn, object],
  ),
);

const port = (object: string, message = 'no such port'): Finding => ({
  code: 'INVALID_PORT',
  severity: 'error',
  object,
  message,
});

describe('findings told as Events', () => {
  let clock: ManualClock;
  let told: ClusterEvent[];
  let teller: FindingTeller;
  let gone: string[];
  const measures = measuresInMemory();

  beforeEach(() => {
    clock = new ManualClock();
    told = [];
    gone = [];
    const events = { tell: (event: ClusterEvent) => void told.push(event) };
    teller = new FindingTeller({
      events,
      measures,
      fabric: () => FABRIC,
      gone: () => new Set(gone.splice(0)),
      timing: { tellAfterMs: 10_000 },
      clock,
    });
  });

  /** Lets the findings be there for a time, looked at every second. */
  const during = (seconds: number, findings: readonly Finding[]): void => {
    for (let second = 0; second < seconds; second += 1) {
      teller.update(findings);
      clock.pass(1000);
    }
  };
  const lines = (): readonly string[] => told.map(({ object, type, reason }) => `${type} ${reason} ${object}`);

  it('tells what lasts, once, and says when it has to be asked again', () => {
    assert.equal(teller.update([port('Pod/shop/web')]), 10_000);
    clock.pass(4000);
    assert.equal(teller.update([port('Pod/shop/web')]), 6000);
    assert.deepEqual(lines(), []);
    clock.set(-3_600_000);
    assert.equal(teller.update([port('Pod/shop/web')]), 6000, 'also when the clock is put back');
    during(30, [port('Pod/shop/web')]);
    assert.deepEqual(lines(), ['Warning InvalidPort Pod/shop/web']);
    assert.equal(teller.update([port('Pod/shop/web')]), undefined);
  });

  it('says nothing of what passed before it was told, neither that it came nor that it went', () => {
    during(9, [port('Pod/shop/web')]);
    during(20, []);
    assert.deepEqual(lines(), []);
  });

  it('tells the end once, when nothing of the code is left of the object', () => {
    during(12, [port('Pod/shop/web', 'first'), port('Pod/shop/web', 'second')]);
    during(5, [port('Pod/shop/web', 'second')]);
    assert.deepEqual(lines(), ['Warning InvalidPort Pod/shop/web', 'Warning InvalidPort Pod/shop/web']);
    during(5, []);
    assert.deepEqual(lines().slice(2), ['Normal InvalidPortCleared Pod/shop/web']);
  });

  it('tells what is about an object of the fabric on those that asked for it, also when its mark is gone at the end', () => {
    const fault: Finding = { code: 'DEPLOY_FAULT', severity: 'warning', object: `ACI/${EPG}/rsbd`, message: 'F0467' };
    during(12, [fault]);
    assert.deepEqual(lines(), ['Warning DeployFault NetworkPolicy/shop/a', 'Warning DeployFault NetworkPolicy/shop/b']);
    assert.equal(told[0]?.message, `F0467 (${EPG}/rsbd)`);
    during(1, []);
    assert.deepEqual(lines().slice(2), [
      'Normal DeployFaultCleared NetworkPolicy/shop/a',
      'Normal DeployFaultCleared NetworkPolicy/shop/b',
    ]);
  });

  it('tells again on what was deleted and made anew under its name between two looks, and only on that', () => {
    const fault: Finding = { code: 'DEPLOY_FAULT', severity: 'warning', object: `ACI/${EPG}`, message: 'F0467' };
    const findings = [port('Pod/shop/web'), port('Pod/shop/other'), fault];
    during(12, findings);
    told.length = 0;
    gone = ['Pod/shop/web', 'NetworkPolicy/shop/b', 'Pod/shop/nobody'];
    during(3, findings);
    assert.deepEqual(lines(), ['Warning InvalidPort Pod/shop/web', 'Warning DeployFault NetworkPolicy/shop/b']);
    gone = ['Pod/shop/web'];
    during(3, []);
    assert.equal(lines().filter((line) => line.startsWith('Warning')).length, 2, 'nothing is said of what is over');
  });

  it('tells the end on all that were told of one of several findings of a code', () => {
    const fault = (message: string): Finding => ({
      code: 'DEPLOY_FAULT',
      severity: 'warning',
      object: `ACI/${EPG}`,
      message,
    });
    const source = [...FABRIC.values()].find(({ attributes }) => attributes['key'] === MARK_KEYS.source);
    assert.ok(source !== undefined);
    during(12, [fault('first')]);
    FABRIC.set(source.dn, { ...source, attributes: { ...source.attributes, value: 'NetworkPolicy/shop/c' } });
    try {
      during(12, [fault('first'), fault('second')]);
      during(3, [fault('second')]);
      told.length = 0;
      during(3, []);
      const ended = ['a', 'b', 'c'].map((name) => `Normal DeployFaultCleared NetworkPolicy/shop/${name}`);
      assert.deepEqual(lines().toSorted(), ended);
    } finally {
      FABRIC.set(source.dn, source);
    }
  });

  it('does not tell information, and counts everything', () => {
    during(20, [{ ...port('Pod/shop/web'), code: 'LOCAL', severity: 'info' }]);
    assert.deepEqual(lines(), []);
    const now = measures.read().filter(({ name }) => name === 'findings');
    assert.deepEqual(now, [{ name: 'findings', labels: { code: 'LOCAL' }, value: 1 }]);
  });

  it('property: of each finding there are as many ends told as beginnings, or one less while it lasts', () => {
    const step = fc.record({
      seconds: fc.integer({ min: 1, max: 15 }),
      there: fc.subarray(['Pod/a/x', 'Pod/a/y', 'Node/n']),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        told.length = 0;
        during(1, []);
        told.length = 0;
        for (const { seconds, there } of steps)
          during(
            seconds,
            there.map((object) => port(object)),
          );
        const last = new Set(steps.at(-1)?.there);
        for (const object of ['Pod/a/x', 'Pod/a/y', 'Node/n']) {
          const of = told.filter((event) => event.object === object);
          const begun = of.filter(({ type }) => type === 'Warning').length;
          const ended = of.length - begun;
          assert.ok(begun - ended === 0 || (begun - ended === 1 && last.has(object)), lines().join('\n'));
        }
        during(1, []);
      }),
    );
  });

  it('writes codes as reasons of Events', () => {
    assert.equal(reasonOf('IP_CONFLICT'), 'IpConflict');
    assert.equal(reasonOf('LIMIT'), 'Limit');
  });
});

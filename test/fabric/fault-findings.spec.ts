import assert from 'node:assert/strict';
import { faultFindings } from '#fabric';
import type { FlatObject } from '#model/aci';

const EPG = 'uni/tn-k8s/ap-k8s/epg-shop';
const OUT = 'uni/tn-shared/out-wan';
const SUBNET = `${OUT}/instP-ext/extsubnet-[0.0.0.0/1]`;

const mark = (dn: string, owner: string): FlatObject => ({
  className: 'tagAnnotation',
  dn: `${dn}/annotationKey-[aci-gateway-owner]`,
  attributes: { key: 'aci-gateway-owner', value: owner },
});
const OBJECTS = [mark(EPG, 'test'), mark(`${OUT}/instP-ext`, 'test'), mark('uni/tn-k8s/ap-k8s/epg-theirs', 'another')];

const fault = (dn: string, more: Record<string, string> = {}): FlatObject => ({
  className: 'faultInst',
  dn: `${dn}/fault-F0467`,
  attributes: { code: 'F0467', severity: 'major', lc: 'raised', descr: 'no such vlan', ...more },
});
const delegate = (holder: string, affected: string): FlatObject => ({
  className: 'faultDelegate',
  dn: `${holder}/fd-[${affected}]-fault-F0467`,
  attributes: { code: 'F0467', severity: 'major', lc: 'raised', descr: 'in use', affected },
});

const byDn = (objects: readonly FlatObject[]): ReadonlyMap<string, FlatObject> =>
  new Map(objects.map((object) => [object.dn, object]));
const found = (...faults: readonly FlatObject[]): readonly string[] =>
  faultFindings(byDn(faults), byDn(OBJECTS), 'test').map(
    ({ code, severity, object, message }) => `${code} ${severity} ${object} ${message}`,
  );

describe('DEPLOY_FAULT', () => {
  it('is told of objects of ours and of what is below them, with code and text', () => {
    assert.deepEqual(found(fault(EPG)), [`DEPLOY_FAULT error ACI/${EPG} F0467 (major): no such vlan`]);
    const below = `${EPG}/rsdomAtt-[uni/phys-k8s]`;
    assert.deepEqual(found(fault(below, { severity: 'minor' })), [
      `DEPLOY_FAULT error ACI/${below} F0467 (minor): no such vlan`,
    ]);
    assert.deepEqual(found(fault(below, { severity: 'minor', code: 'F1123' })), [
      `DEPLOY_FAULT warning ACI/${below} F1123 (minor): no such vlan`,
    ]);
  });

  it('is not told of an admin’s objects, nor of another cluster’s', () => {
    assert.deepEqual(found(fault(OUT), fault('uni/tn-k8s/ap-k8s/epg-theirs'), fault('uni/tn-k8s/ap-a/epg-b')), []);
  });

  it('is not told any more when the condition is over, and never when it is only information', () => {
    for (const lc of ['soaking-clearing', 'raised-clearing', 'retaining'])
      assert.deepEqual(found(fault(EPG, { lc })), []);
    for (const severity of ['cleared', 'info']) assert.deepEqual(found(fault(EPG, { severity })), []);
    assert.equal(found(fault(EPG, { lc: 'soaking' })).length, 1, 'a fault holds before it is raised');
  });

  it('is told of the object that a fault on an admin’s L3Out is about, and once', () => {
    const expected = [`DEPLOY_FAULT error ACI/${SUBNET} F0467 (major): in use`];
    assert.deepEqual(found(fault(OUT), delegate(OUT, SUBNET)), expected);
    const ours = faultFindings(
      byDn([fault(OUT), delegate(OUT, SUBNET)]),
      byDn([...OBJECTS, mark(OUT, 'test')]),
      'test',
    );
    assert.deepEqual(
      ours.map(({ object }) => object),
      [`ACI/${SUBNET}`],
      'the L3Out is ours too: its own fault only sums up',
    );
  });
});

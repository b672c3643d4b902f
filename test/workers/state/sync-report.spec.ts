import assert from 'node:assert/strict';
import { canonicalMap, flatten, type ManagedObject, managedObject, type ObjectMap } from '#model/aci';
import type { Finding } from '#model/policy';
import { type OpenChange, SyncReport, type SyncSources } from '../../../workers/state/sync-report.js';

const TENANT = 'uni/tn-t';
const mark = (key: string, value: string): ManagedObject =>
  managedObject('tagAnnotation', { key: `aci-gateway-${key}`, value });

const contract = (name: string, source: string): ManagedObject =>
  managedObject('vzBrCP', { name }, [
    managedObject('vzSubj', { name: 'main' }),
    mark('owner', 'c1'),
    mark('source', source),
  ]);

const objects = (...contracts: readonly ManagedObject[]): ObjectMap =>
  canonicalMap(contracts.flatMap((object) => flatten(object, TENANT)));

const WANTED = objects(
  contract('one', 'NetworkPolicy/shop/web NetworkPolicy/shop/api'),
  contract('two', 'NetworkPolicy/shop/api'),
  contract('all', 'none'),
);

const dnOf = (name: string): string => `${TENANT}/brc-${name}`;
const finding: Finding = { code: 'UDP_REVERSE', severity: 'info', object: 'NetworkPolicy/shop/web', message: 'why' };

function report(open: readonly OpenChange[] = [], more: Partial<SyncSources> = {}): SyncReport {
  return new SyncReport({
    wanted: () => WANTED,
    found: () => WANTED,
    open: () => open,
    findings: () => [finding],
    exists: (object) => object === 'Namespace/shop' || object === 'Pod/shop/web-1',
    membership: () => new Map([['shop/web-1', 'shop.web']]),
    epgOf: (group) => `${TENANT}/ap-k8s/epg-${group}`,
    nodeOf: () => 'n1',
    isPublished: (node) => node === 'n1',
    ...more,
  });
}

describe('how far objects are', () => {
  it('is equal for all that the fabric has as wanted', () => {
    const sync = report();
    assert.deepEqual(sync.open(), []);
    const object = sync.object('NetworkPolicy/shop/api');
    assert.equal(object?.phase, 'equal');
    assert.deepEqual(
      object?.fabric.map(({ dn, phase, sources }) => [dn, phase, sources]),
      [
        [dnOf('one'), 'equal', ['NetworkPolicy/shop/web', 'NetworkPolicy/shop/api']],
        [dnOf('two'), 'equal', ['NetworkPolicy/shop/api']],
      ],
    );
    assert.deepEqual(sync.dn(dnOf('all'))?.sources, []);
  });

  it('is told of an object that goes, and not of what is wanted above it', () => {
    const profile = managedObject('fvAp', { name: 'k8s' }, [mark('owner', 'c1'), mark('source', 'none')]);
    const epg = managedObject('fvAEPg', { name: 'shop' }, [mark('owner', 'c1'), mark('source', 'Namespace/shop')]);
    const found = objects(managedObject('fvAp', { name: 'k8s' }, [...profile.children, epg]));
    const dn = `${TENANT}/ap-k8s/epg-shop`;
    const sync = report([{ dn, className: 'fvAEPg', phase: 'waiting', why: 'others' }], {
      wanted: () => objects(profile),
      found: () => found,
    });
    assert.deepEqual(
      sync.open().map(({ dn: about, className, sources }) => [about, className, sources]),
      [[dn, 'fvAEPg', ['Namespace/shop']]],
    );
    assert.equal(sync.dn(`${TENANT}/ap-k8s`)?.phase, 'equal');
  });

  it('is not known of what neither side has, though what it would be below is there', () => {
    assert.equal(report().dn(`${dnOf('one')}/subj-gone`), undefined);
    assert.equal(report().dn(`${dnOf('one')}/subj-main`)?.dn, dnOf('one'));
  });

  it('is, for a Kubernetes object, that of the one which is behind most, with every cause', () => {
    const sync = report([
      { dn: dnOf('one'), className: 'vzBrCP', phase: 'pending', why: 'not there yet' },
      { dn: `${dnOf('one')}/subj-main`, className: 'vzSubj', phase: 'parked', why: 'refused' },
    ]);
    const row = {
      dn: dnOf('one'),
      className: 'vzBrCP',
      phase: 'parked',
      why: ['not there yet', 'refused'],
      sources: ['NetworkPolicy/shop/web', 'NetworkPolicy/shop/api'],
    };
    assert.deepEqual(sync.open(), [row]);
    assert.deepEqual(sync.dn(`${dnOf('one')}/subj-main`), row);
    const web = sync.object('NetworkPolicy/shop/web');
    assert.equal(web?.phase, 'parked');
    assert.deepEqual(web?.findings, [finding]);
    assert.equal(sync.object('NetworkPolicy/shop/api')?.fabric.length, 2);
  });

  it('shows the worst first', () => {
    const phases = ['pending', 'parked', 'drifting', 'waiting', 'taken'] as const;
    const open = phases.map((phase) => ({ dn: `${TENANT}/brc-${phase}`, className: 'vzBrCP', phase, why: '' }));
    assert.deepEqual(
      report(open)
        .open()
        .map(({ phase }) => phase),
      ['parked', 'taken', 'waiting', 'pending', 'drifting'],
    );
  });

  it('says of an object that is gone what it left behind, until that is gone as well', () => {
    const left: OpenChange = {
      dn: dnOf('old'),
      className: 'vzBrCP',
      phase: 'pending',
      why: 'nobody asks for it any more',
    };
    const found = () => objects(contract('old', 'NetworkPolicy/shop/gone'));
    assert.deepEqual(report([left], { found }).object('NetworkPolicy/shop/gone')?.fabric[0]?.why, [left.why]);
    assert.equal(report().object('NetworkPolicy/shop/gone'), undefined);
    assert.deepEqual(report().object('Namespace/shop')?.fabric, []);
  });

  it('says of a pod its group, and whether its node has the policy', () => {
    const epg = `${TENANT}/ap-k8s/epg-shop.web`;
    const wanted = () => canonicalMap([{ className: 'fvAEPg', dn: epg, attributes: { name: 'shop.web' } }]);
    const pod = report([], { wanted }).object('Pod/shop/web-1');
    assert.deepEqual(pod?.group, { name: 'shop.web', epg });
    assert.deepEqual(pod?.node, { name: 'n1', published: true });
    assert.deepEqual(
      pod?.fabric.map(({ dn }) => dn),
      [epg],
    );
  });

  it('tells those who watch, as long as they do', () => {
    const sync = report();
    let told = 0;
    const forget = sync.watch(() => {
      told += 1;
    });
    sync.notify();
    forget();
    sync.notify();
    assert.equal(told, 1);
  });
});

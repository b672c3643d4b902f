import assert from 'node:assert/strict';
import { changesOf, LivePlan, type PlanOptions, planFabric } from '#fabric';
import { canonicalMap, type FlatObject, MARK_KEYS, markDn, ORCHESTRATOR } from '#model/aci';

const CLUSTER = 'test';
const WEB = 'uni/tn-k8s/ap-k8s/epg-web';
const epg: FlatObject = { className: 'fvAEPg', dn: WEB, attributes: { name: 'web', annotation: ORCHESTRATOR } };
const mark: FlatObject = {
  className: 'tagAnnotation',
  dn: markDn(WEB, MARK_KEYS.owner),
  attributes: { key: MARK_KEYS.owner, value: CLUSTER },
};
const relation: FlatObject = {
  className: 'fvRsCons',
  dn: `${WEB}/rscons-db`,
  attributes: { tnVzBrCPName: 'db', annotation: ORCHESTRATOR },
};
const OPTIONS: PlanOptions = { references: [], clusterId: CLUSTER, limits: { objects: 500 } };

describe('a plan while a POST is on its way', () => {
  const desired = canonicalMap([epg, mark, relation]);
  let actual: Map<string, FlatObject>;
  let live: LivePlan;
  let landed: () => void;

  const arrives = (object: FlatObject): void => {
    actual.set(object.dn, object);
    live.update(desired, actual, new Set([object.dn]));
  };
  const conflicts = (): readonly string[] => live.plan(OPTIONS).conflicts.map(({ code }) => code);

  beforeEach(() => {
    actual = new Map();
    live = new LivePlan(CLUSTER);
    live.update(desired, actual, undefined);
    const [phase] = live.plan(OPTIONS).phases;
    landed = live.posting(phase?.batches.flatMap(({ changes }) => changes) ?? []);
  });

  it('has nothing new when an object is seen before its mark', () => {
    const { news } = live;
    arrives(epg);
    assert.deepEqual(conflicts(), []);
    arrives(relation);
    arrives(mark);
    landed();
    live.update(desired, actual, new Set());
    assert.equal(live.news, news);
    assert.deepEqual(live.plan(OPTIONS).phases, []);
    assert.equal(live.isPosting, false);
  });

  it('sees afterwards that the object is somebody else’s, when no mark came', () => {
    arrives(epg);
    landed();
    live.update(desired, actual, new Set());
    assert.deepEqual(conflicts(), ['NAME_IN_USE']);
  });

  it('sees at once what is somebody else’s and not in the POST', () => {
    landed();
    arrives(epg);
    assert.deepEqual(conflicts(), ['NAME_IN_USE']);
  });
});

describe('a plan below a name that is taken', () => {
  const contract: FlatObject = { className: 'vzBrCP', dn: 'uni/tn-k8s/brc-db', attributes: { name: 'db' } };
  const label: FlatObject = {
    className: 'tagTag',
    dn: `${relation.dn}/tagKey-x`,
    attributes: { key: 'x', value: 'y' },
  };
  const markOf = (dn: string): FlatObject => ({ ...mark, dn: markDn(dn, MARK_KEYS.owner) });

  it('makes what is not one with the relation to it any more', () => {
    const actual = canonicalMap([contract]);
    const after = canonicalMap([contract, markOf(contract.dn), epg, mark, relation, label]);
    const before = new Map([...after, ...canonicalMap([markOf(relation.dn)])]);
    const live = new LivePlan(CLUSTER);
    const made = (): readonly string[] => changesOf(live.plan(OPTIONS)).map(({ object }) => object.dn);
    live.update(before, actual, undefined);
    assert.deepEqual(made(), [WEB, mark.dn]);
    live.update(after, actual, new Set());
    assert.deepEqual(made().toSorted(), [WEB, mark.dn, label.dn].toSorted());
    assert.equal(live.plan(OPTIONS).hash, planFabric({ ...OPTIONS, desired: after, actual }).hash);
  });
});

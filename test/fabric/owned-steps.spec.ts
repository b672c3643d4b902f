import assert from 'node:assert/strict';
import { withOwnerMarks } from '#fabric';
import { canonicalMap, type FlatObject, MARK_KEYS, managedObject, markDn, ORCHESTRATOR } from '#model/aci';

const PROFILE = 'uni/tn-k8s/ap-k8s';
const WEB = `${PROFILE}/epg-web`;
const CLUSTER = 'test';

const epg = { className: 'fvAEPg', dn: WEB, attributes: { name: 'web' } };
const ownerOf = (dn: string, value: string): FlatObject => ({
  className: 'tagAnnotation',
  dn: markDn(dn, MARK_KEYS.owner),
  attributes: { key: MARK_KEYS.owner, value },
});
const mark = managedObject('tagAnnotation', { key: MARK_KEYS.owner, value: CLUSTER });
const relation = managedObject('fvRsCons', { tnVzBrCPName: 'db' });

describe('owner marks in a POST', () => {
  const desired = canonicalMap([epg, ownerOf(WEB, CLUSTER)]);
  const treeOf = (children: readonly Parameters<typeof withOwnerMarks>[0][]): Parameters<typeof withOwnerMarks>[0] =>
    managedObject('fvAp', { name: 'k8s' }, [managedObject('fvAEPg', { name: 'web' }, children)]);
  const posted = (tree: Parameters<typeof withOwnerMarks>[0], actual: readonly FlatObject[]) =>
    withOwnerMarks(tree, PROFILE, { desired, actual: canonicalMap(actual), clusterId: CLUSTER });

  it('come to an object on the way that would be made by the POST, and that we would own', () => {
    assert.deepEqual(posted(treeOf([relation]), []), treeOf([relation, mark]));
  });

  it('come to one of ours that is there: it may be gone when the POST comes', () => {
    assert.deepEqual(posted(treeOf([relation]), [epg, ownerOf(WEB, CLUSTER)]), treeOf([relation, mark]));
  });

  it('do not come to what is somebody else’s', () => {
    assert.deepEqual(posted(treeOf([relation]), [epg, ownerOf(WEB, 'other')]), treeOf([relation]));
    assert.deepEqual(posted(treeOf([relation]), [epg]), treeOf([relation]));
  });

  it('do not come to what is deleted', () => {
    const gone = managedObject('fvAp', { name: 'k8s' }, [managedObject('fvAEPg', { name: 'web', status: 'deleted' })]);
    assert.deepEqual(posted(gone, [epg, ownerOf(WEB, CLUSTER)]), gone);
  });

  describe('and what bindings hang below at an AEP', () => {
    const AEP = 'uni/infra/attentp-shared';
    const HOLDER = `${AEP}/gen-default`;
    const binding = managedObject('infraRsFuncToEpg', { tDn: WEB });
    const tree = managedObject('infraGeneric', { name: 'default' }, [binding]);
    const made = managedObject('infraGeneric', { name: 'default', annotation: ORCHESTRATOR }, [binding]);
    const holder: FlatObject = { className: 'infraGeneric', dn: HOLDER, attributes: { name: 'default' } };
    const profile: FlatObject = { className: 'infraAttEntityP', dn: AEP, attributes: { name: 'shared' } };
    const at = (actual: readonly FlatObject[]): unknown =>
      withOwnerMarks(tree, HOLDER, { desired, actual: canonicalMap(actual), clusterId: CLUSTER });

    it('says that a gateway made it, where it was not there', () => {
      assert.deepEqual(at([profile]), made);
    });

    it('says nothing where an admin had it, or the AEP is ours', () => {
      assert.equal(at([profile, holder]), tree);
      assert.equal(at([profile, ownerOf(AEP, CLUSTER)]), tree);
    });
  });

  it('leave a tree alone that has them', () => {
    const tree = treeOf([relation, mark]);
    assert.equal(posted(tree, []), tree);
  });
});

import assert from 'node:assert/strict';
import { isConfigured } from '#model/aci';

describe('model: what somebody configured', () => {
  const BY_SOMEBODY = { annotation: '', lcOwn: 'local', uid: '15374' };
  const isSo = (className: string, more: Readonly<Record<string, string>> = {}): boolean =>
    isConfigured({ className, dn: 'uni/tn-a/x', attributes: { ...BY_SOMEBODY, ...more } });

  it('has an annotation of its own, and a user who made it', () => {
    for (const className of ['fvAEPg', 'fvRsCons', 'l3extLNodeP', 'fvStCEp', 'fvIp']) {
      assert.ok(isSo(className), className);
      assert.ok(!isSo(className, { uid: '0' }), `${className} of the APIC's`);
    }
  });

  it('is not derived, resolved or replicated from elsewhere', () => {
    for (const lcOwn of ['policy', 'replica', 'resolveOnBehalf', 'implicit'])
      assert.ok(!isSo('fvAEPg', { lcOwn }), lcOwn);
  });

  it('is none of what comes with its parent, goes back, counts, or is learned', () => {
    for (const className of ['vzAny', 'fvRsTenantMonPol', 'fvRtBd', 'faultInst', 'healthInst', 'fvCEp']) {
      assert.ok(!isSo(className), className);
    }
  });

  it('is no tag, which belongs to the object that it is on', () => {
    for (const className of ['tagAnnotation', 'tagTag']) assert.ok(!isSo(className), className);
  });

  it('of a class that the model does not know goes by what the object says', () => {
    const unknown = { className: 'fvNewInSeven', dn: 'uni/tn-a/new-x' };
    assert.ok(isConfigured({ ...unknown, attributes: BY_SOMEBODY }));
    assert.ok(isConfigured({ ...unknown, attributes: { annotation: '' } }), 'in doubt it is');
    assert.ok(!isConfigured({ ...unknown, attributes: { ...BY_SOMEBODY, uid: '0' } }));
    assert.ok(!isConfigured({ ...unknown, attributes: { lcOwn: 'local', uid: '15374' } }));
  });
});

import assert from 'node:assert/strict';
import type { ApicMock } from '#apic-mock';
import { InvalidInputError } from '#errors';
import { managedObject } from '#model/aci';
import { startPlain } from './apic-client.js';

const remove = (className: string, dn: string): ReturnType<typeof managedObject> =>
  managedObject(className, { dn, status: 'deleted' });

describe('apic-mock: relations and what the fabric assigns', () => {
  let mock: ApicMock;

  before(async () => {
    mock = await startPlain();
  });
  beforeEach(() => mock.reset());
  after(() => mock.stop());

  const tenant = (...children: Parameters<typeof managedObject>[2] & unknown[]): void =>
    mock.load(managedObject('fvTenant', { name: 't' }, children));

  const relation = (dn: string): readonly (string | undefined)[] => {
    const attributes = mock.object(dn)?.attributes;
    return [attributes?.state, attributes?.stateQual, attributes?.tDn, attributes?.tCl];
  };

  it('resolves a name in the tenant, then in common, then falls back to the default', () => {
    const bd = (name: string, vrf: string): ReturnType<typeof managedObject> =>
      managedObject('fvBD', { name }, [managedObject('fvRsCtx', { tnFvCtxName: vrf })]);
    mock.load(managedObject('fvTenant', { name: 'common' }, [managedObject('fvCtx', { name: 'shared' })]));
    tenant(managedObject('fvCtx', { name: 'own' }), bd('a', 'own'), bd('b', 'shared'), bd('c', ''), bd('d', 'none'));
    assert.deepEqual(relation('uni/tn-t/BD-a/rsctx'), ['formed', 'none', 'uni/tn-t/ctx-own', 'fvCtx']);
    assert.deepEqual(relation('uni/tn-t/BD-b/rsctx'), ['formed', 'none', 'uni/tn-common/ctx-shared', 'fvCtx']);
    assert.deepEqual(relation('uni/tn-t/BD-c/rsctx'), [
      'formed',
      'default-target',
      'uni/tn-common/ctx-default',
      'fvCtx',
    ]);
    assert.deepEqual(relation('uni/tn-t/BD-d/rsctx'), [
      'formed',
      'mismatch-target',
      'uni/tn-common/ctx-default',
      'fvCtx',
    ]);
  });

  it('misses a contract that nobody has made, forms when it comes, and misses it again when it goes', () => {
    const epg = managedObject('fvAEPg', { name: 'e' }, [managedObject('fvRsProv', { tnVzBrCPName: 'web' })]);
    tenant(managedObject('fvAp', { name: 'a' }, [epg]));
    const dn = 'uni/tn-t/ap-a/epg-e/rsprov-web';
    const missing = ['missing-target', 'none', 'uni/tn-t/brc-web', 'vzBrCP'];
    assert.deepEqual(relation(dn), missing);
    mock.load(managedObject('fvTenant', { name: 'common' }, [managedObject('vzBrCP', { name: 'web' })]));
    assert.deepEqual(relation(dn), ['formed', 'none', 'uni/tn-common/brc-web', 'vzBrCP']);
    tenant(managedObject('vzBrCP', { name: 'web' }));
    assert.deepEqual(relation(dn), ['formed', 'none', 'uni/tn-t/brc-web', 'vzBrCP'], 'the own tenant goes first');
    assert.equal(mock.object('uni/tn-common/brc-web/rtfvProv-[uni/tn-t/ap-a/epg-e]'), undefined);
    mock.load(remove('vzBrCP', 'uni/tn-t/brc-web'));
    assert.deepEqual(relation(dn), ['formed', 'none', 'uni/tn-common/brc-web', 'vzBrCP']);
    mock.load(remove('vzBrCP', 'uni/tn-common/brc-web'));
    assert.deepEqual(relation(dn), missing);
  });

  it('accepts an explicit target that is not there, of an abstract class', () => {
    const domain = managedObject('fvRsDomAtt', { tDn: 'uni/phys-p' });
    tenant(managedObject('fvAp', { name: 'a' }, [managedObject('fvAEPg', { name: 'e' }, [domain])]));
    const dn = 'uni/tn-t/ap-a/epg-e/rsdomAtt-[uni/phys-p]';
    assert.deepEqual(relation(dn), ['missing-target', 'none', 'uni/phys-p', 'infraDomP']);
    mock.load(managedObject('physDomP', { name: 'p' }));
    assert.deepEqual(relation(dn), ['formed', 'none', 'uni/phys-p', 'physDomP']);
    const back = mock.object('uni/phys-p/rtfvDomAtt-[uni/tn-t/ap-a/epg-e]');
    assert.deepEqual(
      [back?.className, back?.attributes.tDn, back?.attributes.tCl],
      ['infraRtDomAtt', 'uni/tn-t/ap-a/epg-e', 'fvAEPg'],
    );
  });

  it('moves the back relation with the relation, and takes it away with it', () => {
    const epg = (bd: string): ReturnType<typeof managedObject> =>
      managedObject('fvAp', { name: 'a' }, [
        managedObject('fvAEPg', { name: 'e' }, [managedObject('fvRsBd', { tnFvBDName: bd })]),
      ]);
    const backs = (): readonly string[] =>
      mock
        .objects('fvRtBd')
        .map((object) => object.dn)
        .filter((dn) => dn.includes('tn-t/ap-a'));
    tenant(managedObject('fvBD', { name: 'x' }), managedObject('fvBD', { name: 'y' }), epg('x'));
    assert.deepEqual(backs(), ['uni/tn-t/BD-x/rtbd-[uni/tn-t/ap-a/epg-e]']);
    tenant(epg('y'));
    assert.deepEqual(backs(), ['uni/tn-t/BD-y/rtbd-[uni/tn-t/ap-a/epg-e]']);
    mock.load(remove('fvBD', 'uni/tn-t/BD-y'));
    assert.deepEqual(backs(), ['uni/tn-common/BD-default/rtbd-[uni/tn-t/ap-a/epg-e]']);
    mock.load(remove('fvAEPg', 'uni/tn-t/ap-a/epg-e'));
    assert.deepEqual(backs(), []);
  });

  it('leaves the tree as it was when a tenant comes and goes', () => {
    const size = mock.size();
    tenant(
      managedObject('fvCtx', { name: 'v' }),
      managedObject('fvBD', { name: 'b' }, [managedObject('fvRsCtx', { tnFvCtxName: 'v' })]),
      managedObject('vzFilter', { name: 'f' }),
      managedObject('vzBrCP', { name: 'c' }, [
        managedObject('vzSubj', { name: 's' }, [managedObject('vzRsSubjFiltAtt', { tnVzFilterName: 'f' })]),
      ]),
      managedObject('fvAp', { name: 'a' }, [managedObject('fvAEPg', { name: 'e' })]),
    );
    assert.ok(mock.size() > size + 20);
    mock.load(remove('fvTenant', 'uni/tn-t'));
    assert.equal(mock.size(), size);
  });

  it('numbers VRFs, bridge domains and groups, uniquely where it must be unique', () => {
    tenant(
      managedObject('fvCtx', { name: 'v' }),
      managedObject('fvBD', { name: 'b' }, [managedObject('fvRsCtx', { tnFvCtxName: 'v' })]),
      managedObject(
        'fvAp',
        { name: 'a' },
        ['e', 'f', 'g'].map((name) =>
          managedObject('fvAEPg', { name }, [managedObject('fvRsBd', { tnFvBDName: 'b' })]),
        ),
      ),
      managedObject('l3extOut', { name: 'o' }, [
        managedObject('l3extRsEctx', { tnFvCtxName: 'v' }),
        managedObject('l3extInstP', { name: 'i' }),
      ]),
    );
    const of = (rn: string): Readonly<Record<string, string>> => mock.object(`uni/tn-t/${rn}`)?.attributes ?? {};
    const vrf = of('ctx-v');
    assert.equal(vrf.seg, vrf.scope);
    const members = ['BD-b', 'ap-a/epg-e', 'ap-a/epg-f', 'ap-a/epg-g', 'out-o/instP-i'].map(of);
    for (const member of members) assert.equal(member.scope, vrf.scope);
    const tags = [vrf, ...members].map((member) => Number(member.pcTag));
    assert.equal(new Set(tags).size, tags.length);
    for (const tag of tags) assert.ok(tag >= 16_386 && tag <= 65_535, String(tag));
    assert.match(of('BD-b').bcastP ?? '', /^225\.\d+\.\d+\.\d+$/);
    assert.notEqual(of('BD-b').seg, vrf.seg);
  });

  it('moves the groups of a bridge domain that changes its VRF', () => {
    const vrfOf = (vrf: string): ReturnType<typeof managedObject> =>
      managedObject('fvBD', { name: 'b' }, [managedObject('fvRsCtx', { tnFvCtxName: vrf })]);
    const epg = managedObject('fvAEPg', { name: 'e' }, [managedObject('fvRsBd', { tnFvBDName: 'b' })]);
    tenant(
      managedObject('fvCtx', { name: 'v' }),
      managedObject('fvCtx', { name: 'w' }),
      vrfOf('v'),
      managedObject('fvAp', { name: 'a' }, [epg]),
    );
    const scopeOf = (rn: string): string | undefined => mock.object(`uni/tn-t/${rn}`)?.attributes.scope;
    assert.equal(scopeOf('ap-a/epg-e'), scopeOf('ctx-v'));
    tenant(vrfOf('w'));
    assert.equal(scopeOf('BD-b'), scopeOf('ctx-w'));
    assert.equal(scopeOf('ap-a/epg-e'), scopeOf('ctx-w'));
  });

  describe('load', () => {
    it('takes wire form and operational objects, and gives the tree back', () => {
      tenant(managedObject('fvAp', { name: 'a' }, [managedObject('fvAEPg', { name: 'e' })]));
      const mac = '00:50:56:AA:BB:CC';
      mock.load({
        fvAEPg: {
          attributes: { dn: 'uni/tn-t/ap-a/epg-e' },
          children: [
            {
              fvCEp: {
                attributes: { name: mac, mac, encap: 'vlan-5' },
                children: [{ fvIp: { attributes: { addr: '10.0.0.7' } } }],
              },
            },
          ],
        },
      });
      assert.equal(mock.object(`uni/tn-t/ap-a/epg-e/cep-${mac}`)?.attributes.encap, 'vlan-5');
      assert.deepEqual(
        mock.tree('uni/tn-t/ap-a/epg-e')?.children.map((child) => child.className),
        ['fvRsBd', 'fvRsCustQosPol', 'fvCEp'],
      );
      assert.equal(mock.tree('uni/tn-none'), undefined);
    });

    it('says what is wrong with a tree, and changes nothing', () => {
      const size = mock.size();
      assert.throws(
        () => mock.load(managedObject('fvTenant', { name: 'x' }, [managedObject('fvAEPg', { name: 'e' })])),
        (error: unknown) => error instanceof InvalidInputError && /Can not contain child 'epg-e'/.test(error.message),
      );
      assert.throws(() => mock.load(managedObject('fvNothing', {})), /unknown managed object class fvNothing/);
      assert.equal(mock.size(), size);
    });
  });
});

import assert from 'node:assert/strict';
import { capacityOf } from '#fabric';
import { mapFabric } from '#mappers';
import { flatten, managedObject } from '#model/aci';
import { snapshotOf } from '#model/kubernetes';
import { EMPTY_ALLOCATION } from '#model/policy';
import { DEFAULT_LIMITS, type Resource } from '#model/settings';
import { compile } from '#policy';
import { OWN_FABRIC } from '#support/settings';

const CONTEXT = { hostPortsPerLeaf: 10, limits: DEFAULT_LIMITS };

/** Two EPGs of one VRF with a contract of one entry between them. */
function pair(entry: Readonly<Record<string, string>>): ReturnType<typeof flatten> {
  const epg = (name: string, relation: string) =>
    managedObject('fvAEPg', { name, pcEnfPref: 'unenforced' }, [
      managedObject('fvRsBd', { tnFvBDName: 'b' }),
      managedObject(relation, { tnVzBrCPName: 'c' }),
    ]);
  const filter = managedObject('vzFilter', { name: 'f' }, [managedObject('vzEntry', { name: 'f', ...entry })]);
  const term = (className: string) =>
    managedObject(className, {}, [managedObject('vzRsFiltAtt', { tnVzFilterName: 'f' })]);
  const subject = managedObject('vzSubj', { name: 's' }, [term('vzInTerm')]);
  const tenant = managedObject('fvTenant', { name: 't' }, [
    managedObject('fvCtx', { name: 'v' }),
    managedObject('fvBD', { name: 'b' }, [managedObject('fvRsCtx', { tnFvCtxName: 'v' })]),
    filter,
    managedObject('vzBrCP', { name: 'c' }, [subject]),
    managedObject('fvAp', { name: 'a' }, [epg('one', 'fvRsProv'), epg('two', 'fvRsCons')]),
  ]);
  return flatten(managedObject('polUni', {}, [tenant]), '');
}

const used = (objects: ReturnType<typeof flatten>, resource: Resource): number | undefined =>
  capacityOf(objects, CONTEXT).find((use) => use.resource === resource)?.used;

describe('capacity forecast', () => {
  it('counts an entry a port, and a range by its aligned blocks', () => {
    const tcp = { etherT: 'ip', prot: 'tcp' };
    const entries = (ports: Readonly<Record<string, string>>): number =>
      used(pair({ ...tcp, ...ports }), 'policyEntriesPerLeaf') ?? 0;
    assert.equal(entries({}), 1);
    assert.equal(entries({ dFromPort: '8080', dToPort: '8080' }), 1);
    assert.equal(entries({ dFromPort: '8080', dToPort: '8081' }), 1);
    assert.equal(entries({ dFromPort: '8081', dToPort: '8082' }), 2);
    assert.equal(entries({ dFromPort: '1024', dToPort: '65535' }), 6);
    assert.equal(entries({ sFromPort: '1', sToPort: '3', tcpRules: 'est' }), 4);
  });

  it('counts VLANs once a leaf, and once a port', () => {
    const pods = ['a', 'b'].map((namespace, index) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name: 'p' },
      spec: { containers: [] },
      status: { phase: 'Running', podIPs: [{ ip: `10.0.0.${index + 1}` }] },
    }));
    const compiled = compile(snapshotOf({ namespaces: [], nodes: [], pods, policies: [] }, 1), EMPTY_ALLOCATION, {
      vlanPool: { from: 100, to: 199 },
      foreignEpgs: [],
    });
    const objects = flatten(mapFabric(compiled, OWN_FABRIC).tree, '');
    assert.equal(used(objects, 'endpointGroups'), 2);
    assert.equal(used(objects, 'vlansPerLeaf'), 3, 'two groups and a bridge domain');
    assert.equal(used(objects, 'portVlansPerLeaf'), 20);
  });

  it('counts a rule that two contracts make once', () => {
    const objects = pair({ etherT: 'ip', prot: 'tcp', dFromPort: '80', dToPort: '80' });
    const [contract] = objects.filter(({ className }) => className === 'vzBrCP');
    assert.ok(contract !== undefined);
    const copies = objects
      .filter(({ dn }) => dn.startsWith(contract.dn) || /rs(prov|cons)-c$/.test(dn))
      .map((object) => ({
        ...object,
        dn: object.dn.replace('/brc-c', '/brc-d').replace(/rs(prov|cons)-c$/, 'rs$1-d'),
        attributes: 'tnVzBrCPName' in object.attributes ? { tnVzBrCPName: 'd' } : object.attributes,
      }));
    const both = [...objects, ...copies];
    assert.equal(used(both, 'contracts'), 2);
    assert.equal(used(both, 'policyEntriesPerLeaf'), used(objects, 'policyEntriesPerLeaf'));
  });
});

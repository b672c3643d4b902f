import assert from 'node:assert/strict';
import { adminContracts, FabricEvaluator } from '#fabric';
import {
  canonicalMap,
  type FlatObject,
  flatten,
  MARK_KEYS,
  type ManagedObject,
  managedObject,
  ORCHESTRATOR,
} from '#model/aci';
import { formatConn } from '#model/net';
import { FlowQuestions } from '#support/fabric-flows';

const TENANT = 'uni/tn-t';
const PROFILE = `${TENANT}/ap-k8s`;
const OWN = { clusterId: 'test', profile: PROFILE };

const owner = managedObject('tagAnnotation', { key: MARK_KEYS.owner, value: 'test' });
const epg = (name: string, relations: readonly ManagedObject[] = [], isOwn = true): ManagedObject =>
  managedObject('fvAEPg', { name, ...(isOwn ? { annotation: ORCHESTRATOR } : {}) }, [
    managedObject('fvRsBd', { tnFvBDName: 'bd' }),
    ...(isOwn ? [owner] : []),
    ...relations,
  ]);
const consumes = (contract: string): ManagedObject => managedObject('fvRsCons', { tnVzBrCPName: contract });
const provides = (contract: string): ManagedObject => managedObject('fvRsProv', { tnVzBrCPName: contract });
const filter = (name: string, entry: Readonly<Record<string, string>>): ManagedObject =>
  managedObject('vzFilter', { name }, [managedObject('vzEntry', { name: 'e', ...entry })]);
const HTTP = filter('http', { etherT: 'ip', prot: 'tcp', dFromPort: '80', dToPort: '80' });
const HTTP_V6 = filter('http6', { etherT: 'ipv6', prot: 'tcp', dFromPort: '80', dToPort: '80' });
const contract = (name: string, filters: readonly ManagedObject[], isOwn = false): ManagedObject =>
  managedObject('vzBrCP', { name }, [managedObject('vzSubj', { name: 's' }, filters), ...(isOwn ? [owner] : [])]);
const uses = (name: string, more = {}): ManagedObject =>
  managedObject('vzRsSubjFiltAtt', { tnVzFilterName: name, ...more });

const fabric = (profileGroups: readonly ManagedObject[], others: readonly ManagedObject[]): readonly FlatObject[] =>
  flatten(
    managedObject('fvTenant', { name: 't' }, [
      managedObject('fvCtx', { name: 'v' }),
      managedObject('fvBD', { name: 'bd' }, [managedObject('fvRsCtx', { tnFvCtxName: 'v' })]),
      managedObject('fvAp', { name: 'k8s' }, profileGroups),
      HTTP,
      HTTP_V6,
      ...others,
    ]),
    'uni',
  );
const found = (profileGroups: readonly ManagedObject[], others: readonly ManagedObject[]) =>
  adminContracts(canonicalMap(fabric(profileGroups, others)), OWN);
const flows = (profileGroups: readonly ManagedObject[], others: readonly ManagedObject[]): readonly string[] =>
  found(profileGroups, others).openings.map(
    ({ source, destination, connections: { ipv4, ipv6 } }) =>
      `${source.replace(`${PROFILE}/epg-`, '')} > ${destination.replace(`${PROFILE}/epg-`, '')} ${formatConn(ipv4)} / ${formatConn(ipv6)}`,
  );

describe('contracts of admins on our groups', () => {
  it('open from consumer to provider, in the families that their filters name', () => {
    const groups = [epg('client', [consumes('c')]), epg('web', [provides('c')])];
    assert.deepEqual(flows(groups, [contract('c', [uses('http')])]), ['client > web TCP:80 / TCP:80']);
    assert.deepEqual(flows(groups, [contract('c', [uses('http6')])]), ['client > web NONE / TCP:80']);
  });

  it('open toward groups of others, both ways as the contract says, and toward the whole VRF', () => {
    const vm = managedObject('fvAp', { name: 'legacy' }, [epg('vm', [provides('c')], false)]);
    const everything = filter('all', { etherT: 'unspecified' });
    assert.deepEqual(flows([epg('client', [consumes('c')])], [vm, everything, contract('c', [uses('all')])]), [
      `client > ${TENANT}/ap-legacy/epg-vm ALL / ALL`,
      `${TENANT}/ap-legacy/epg-vm > client ALL / ALL`,
    ]);
    const vrf = managedObject('fvCtx', { name: 'v' }, [
      managedObject('vzAny', {}, [managedObject('vzRsAnyToCons', { tnVzBrCPName: 'c' })]),
    ]);
    assert.deepEqual(flows([epg('web', [provides('c')])], [vrf, contract('c', [uses('http')])]), [
      'any > web TCP:80 / TCP:80',
    ]);
  });

  it('in tenant common open as well, unless the tenant has one of that name, or it is one of ours', () => {
    const groups = [epg('client', [consumes('c')]), epg('web', [provides('c')])];
    const shared = (isOwn = false): readonly FlatObject[] =>
      flatten(managedObject('fvTenant', { name: 'common' }, [HTTP, contract('c', [uses('http')], isOwn)]), 'uni');
    const of = (objects: readonly FlatObject[]): readonly string[] =>
      adminContracts(canonicalMap(objects), OWN).openings.map(({ contract: dn }) => dn);
    assert.deepEqual(of([...fabric(groups, []), ...shared()]), ['uni/tn-common/brc-c']);
    assert.deepEqual(of([...fabric(groups, [contract('c', [uses('http6')])]), ...shared()]), [`${TENANT}/brc-c`]);
    assert.deepEqual(of([...fabric(groups, []), ...shared(true)]), []);
  });

  it('open nothing toward an endpoint security group, as the fabric makes no rules of them', () => {
    const group = managedObject('fvESg', { name: 'critical' }, [
      managedObject('fvRsScope', { tnFvCtxName: 'v' }),
      provides('c'),
    ]);
    const others = [managedObject('fvAp', { name: 'legacy' }, [group]), contract('c', [uses('http')])];
    const objects = fabric([epg('client', [consumes('c')])], others);
    assert.deepEqual(flows([epg('client', [consumes('c')])], others), []);
    const evaluator = new FabricEvaluator(objects);
    const [from, to] = [`${PROFILE}/epg-client`, `${TENANT}/ap-legacy/esg-critical`];
    const questions = new FlowQuestions(evaluator, `${TENANT}/ctx-v`);
    assert.equal(questions.opens({ ip: '10.0.0.1', epg: from }, { ip: '10.0.0.2', epg: to }, 'TCP', 80), false);
  });

  it('open within a group where they are for its inside', () => {
    const inside = managedObject('fvRsIntraEpg', { tnVzBrCPName: 'c' });
    assert.deepEqual(flows([epg('web', [inside])], [contract('c', [uses('http')])]), ['web > web TCP:80 / TCP:80']);
  });

  it('do not count where the relation or the contract is ours, the group is not, or only the whole VRF is related', () => {
    const ours = managedObject('fvRsCons', { tnVzBrCPName: 'c', annotation: ORCHESTRATOR });
    const c = contract('c', [uses('http')]);
    assert.deepEqual(
      flows(
        [
          epg('client', [ours]),
          epg('web', [managedObject('fvRsProv', { tnVzBrCPName: 'c', annotation: ORCHESTRATOR })]),
        ],
        [c],
      ),
      [],
    );
    assert.deepEqual(
      flows([epg('client', [consumes('c')]), epg('web', [provides('c')])], [contract('c', [uses('http')], true)]),
      [],
    );
    assert.deepEqual(flows([epg('client', [consumes('c')], false), epg('web', [provides('c')], false)], [c]), []);
    const vrf = managedObject('fvCtx', { name: 'v' }, [
      managedObject('vzAny', {}, [
        managedObject('vzRsAnyToCons', { tnVzBrCPName: 'c' }),
        managedObject('vzRsAnyToProv', { tnVzBrCPName: 'c' }),
      ]),
    ]);
    assert.deepEqual(flows([epg('web')], [vrf, c]), []);
  });

  it('are told on the group, also those that open nothing on the hosts, and why', () => {
    const groups = [
      epg('client', [consumes('c'), consumes('denies'), consumes('elsewhere')]),
      epg('web', [provides('c')]),
    ];
    const { findings, openings } = found(groups, [
      contract('c', [uses('http')]),
      contract('denies', [uses('http'), uses('http6', { action: 'deny' })]),
    ]);
    assert.equal(openings.length, 1);
    assert.ok(findings.every(({ code, severity }) => code === 'ADMIN_CONTRACT' && severity === 'info'));
    const texts = findings.map(({ object, message }) => `${object.replace(`EPG/${PROFILE}/epg-`, '')}: ${message}`);
    assert.match(texts[0] ?? '', /^client: .*uni\/tn-t\/brc-c .*it → uni\/tn-t\/ap-k8s\/epg-web TCP:80/);
    assert.match(texts[1] ?? '', /brc-denies .*denies something/);
    assert.match(texts[2] ?? '', /elsewhere .*not in a tenant that/);
    assert.match(texts[3] ?? '', /^web: .*epg-client → it TCP:80/);
    assert.equal(texts.length, 4);
  });
});

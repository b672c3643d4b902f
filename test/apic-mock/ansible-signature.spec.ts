import assert from 'node:assert/strict';
import type { ApicMock } from '#apic-mock';
import { describeWith } from '#support/requirement';
import { ansible, ansiblePackages, runPlaybook, type TaskResult } from './ansible-playbook.js';
import { loggedIn, startPlain } from './apic-client.js';
import { makeCertificateUser, strangersKey } from './certificate-user.js';

type Plays = ReadonlyMap<string, readonly TaskResult[]>;

describeWith([ansible, ansiblePackages], 'apic-mock: cisco.aci with XML bodies and with signatures', () => {
  let mock: ApicMock;
  let signed: Plays;
  let xml: Plays;

  before(async function () {
    this.timeout(120_000);
    mock = await startPlain();
    const signer = await makeCertificateUser(await loggedIn(mock), 'ansible');
    // One after the other: both look at all tenants.
    signed = await runPlaybook(mock, 'signature.yml', { signer: { ...signer, other_key: await strangersKey() } });
    xml = await runPlaybook(mock, 'rest-xml.yml');
  });
  after(() => mock.stop());

  const task = (plays: Plays, play: string, name: string): TaskResult => {
    const found = plays.get(play)?.find((result) => result.task === name);
    assert.ok(found, `${play}: ${name} did not run`);
    return found;
  };

  const outcome = (plays: Plays, play: string): readonly (readonly [string, boolean])[] =>
    (plays.get(play) ?? [])
      .filter(({ failed }) => !failed)
      .map(({ task: name, changed }): readonly [string, boolean] => [name, changed]);

  it('signs every request of present, query and absent, twice without a change', () => {
    assert.deepEqual(outcome(signed, 'signed'), [
      ['present', true],
      ['present again', false],
      ['query', false],
      ['query all', false],
      ['rest', true],
      ['rest again', false],
      ['absent', true],
      ['absent again', false],
    ]);
    assert.match(JSON.stringify(task(signed, 'signed', 'query').result.current), /"descr":"by key"/);
    assert.ok((task(signed, 'signed', 'query all').result.current as readonly unknown[]).length >= 4);
    assert.equal(mock.object('uni/tn-signed'), undefined);
  });

  it('logs in for none of them, and signs as the user of the certificate', () => {
    const logins = mock.requestLog().filter(({ url }) => url.includes('aaaLogin'));
    // Ours, and one for each module of the playbook without signatures.
    assert.equal(logins.length, 1 + (xml.get('rest xml')?.length ?? 0));
    const [tenant] = task(signed, 'signed', 'rest').result.imdata as { fvCtx: { attributes: { uid: string } } }[];
    assert.match(tenant?.fvCtx.attributes.uid ?? '', /^[1-9]\d*$/);
  });

  it('is refused with the wrong key and with a certificate that nobody has', () => {
    assert.match(task(signed, 'refused', 'wrong key').message, /APIC Error 403: .*(bad signature|invalid padding)/i);
    assert.match(task(signed, 'refused', 'unknown certificate').message, /APIC Error 403: /);
  });

  it('aci_rest posts XML, and sees its changes and only those', () => {
    assert.deepEqual(outcome(xml, 'rest xml'), [
      ['created', true],
      ['the same again', false],
      ['modified', true],
      ['read', false],
      ['class read', false],
      ['deleted', true],
      ['deleted again', false],
    ]);
    const [tree] = task(xml, 'rest xml', 'read').result.imdata as readonly unknown[];
    assert.match(JSON.stringify(tree), /"descr":\s*"otherwise".*"fvAEPg"/);
    const [created] = task(xml, 'rest xml', 'created').result.imdata as { fvTenant?: { attributes: unknown } }[];
    assert.match(JSON.stringify(created), /bread & butter/);
  });

  it('aci_rest reads errors in XML', () => {
    const { message } = task(xml, 'rest xml', 'unknown class');
    assert.match(message, /APIC Error 122: unknown managed object class fvFoobar/);
    assert.match(task(xml, 'rest xml', 'unknown attribute').message, /APIC Error 400: unknown attribute 'description'/);
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApicRest } from '#support/apic-client';
import { APIC_USER, type RunningCommand, startCommand } from '#support/gateway-stack';
import { policyManifest, SHOP, writeManifests } from '#support/policy-manifests';
import { runAcigw } from '#support/run-command';

interface Output {
  readonly proved: boolean;
  readonly points: number;
  readonly differences: number;
  readonly leftOut: readonly string[];
  readonly excesses: readonly { readonly code: string; readonly points: number }[];
  readonly counterExample: null | {
    readonly source: string;
    readonly destination: string;
    readonly protocol: string;
    readonly port: number;
    readonly kind: string;
    readonly policy: Readonly<Record<'egress' | 'ingress', Side>> & { readonly allowed: boolean };
    readonly fabric: { readonly open: Reason; readonly replies: readonly Reason[] };
  };
}

interface Side {
  readonly decision: string;
  readonly selectedBy: readonly string[];
  readonly rules: readonly { readonly policy: string; readonly direction: string; readonly rule: number }[];
}

interface Reason {
  readonly permitted: boolean;
  readonly kind: string;
  readonly rule: null | { readonly contract: string; readonly subject: string; readonly filter: string };
}

const TENANT = 'uni/tn-k8s-kubernetes';
const PROFILE = `${TENANT}/ap-k8s-kubernetes`;

describe('acigw verify', () => {
  let folder: string;
  let from: string;
  let tree: string;
  let apic: RunningCommand | undefined;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'acigw-verify-'));
    from = writeManifests(folder, SHOP);
    writeFileSync(join(folder, 'password'), `${APIC_USER.password}\n`);
    const { stdout } = await runAcigw(['compile', '--from', from]);
    const { managedObjects } = JSON.parse(stdout) as { readonly managedObjects: object };
    tree = join(folder, 'tree.json');
    writeFileSync(tree, JSON.stringify({ totalCount: '1', imdata: [managedObjects] }));
  });
  afterEach(async () => {
    await apic?.stop();
    apic = undefined;
  });
  after(() => rmSync(folder, { recursive: true }));

  /** An APIC in a process of its own that holds what the gateway would write. */
  async function startApic(): Promise<ApicRest> {
    const user = `${APIC_USER.name}:${APIC_USER.password}`;
    apic = await startCommand(['apic-mock', '--http', '--user', user, '--load', tree]);
    return ApicRest.login(apic.ready);
  }

  async function verify(...args: readonly string[]): Promise<{ exitCode: number | null; output: Output }> {
    const { exitCode, stdout, stderr } = await runAcigw(['verify', '--from', from, '--output', 'json', ...args]);
    assert.ok(stdout !== '', stderr);
    return { exitCode, output: JSON.parse(stdout) as Output };
  }

  const real = (): readonly string[] => [
    '--apic',
    apic?.ready ?? '',
    '--user',
    APIC_USER.name,
    '--password-file',
    join(folder, 'password'),
  ];

  it('proves the objects that would be written, and says how many points that took', async () => {
    const { exitCode, output } = await verify();
    assert.equal(exitCode, 0);
    assert.equal(output.proved, true);
    assert.ok(output.points > 100, `${output.points}`);
    assert.deepEqual(
      output.excesses.map(({ code }) => code),
      ['UDP_REVERSE'],
    );
    const { stdout } = await runAcigw(['verify', '--from', from]);
    assert.match(stdout, new RegExp(`^PROVED .* at ${output.points} critical points of \\d+ pairs`));
  });

  it('an APIC that holds them is proved as well, with equal points', async () => {
    await startApic();
    const { exitCode, output } = await verify(...real());
    assert.equal(exitCode, 0, JSON.stringify(output.counterExample));
    assert.equal(output.points, (await verify()).output.points);
  });

  const plants: readonly {
    readonly what: string;
    readonly plant: (apic: ApicRest) => Promise<void>;
    readonly found: Omit<NonNullable<Output['counterExample']>, 'policy' | 'fabric'>;
  }[] = [
    {
      what: 'a filter entry that is wider by one port',
      plant: (rest) => rest.post(`${TENANT}/flt-f-tcp-80/e-f-tcp-80`, { vzEntry: { attributes: { dToPort: '81' } } }),
      found: { source: 'shop/client', destination: 'shop/web', protocol: 'TCP', port: 81, kind: 'opened' },
    },
    {
      what: 'a filter entry with another port',
      plant: (rest) =>
        rest.post(`${TENANT}/flt-f-udp-53/e-f-udp-53`, {
          vzEntry: { attributes: { dFromPort: '54', dToPort: '54' } },
        }),
      found: { source: 'shop/web', destination: 'shop/dns', protocol: 'UDP', port: 53, kind: 'denied' },
    },
    {
      what: 'a contract that a group does not consume any more',
      plant: (rest) => rest.delete(`${PROFILE}/epg-shop.client/rscons-shop.web_tcp-80`),
      found: { source: 'shop/client', destination: 'shop/web', protocol: 'TCP', port: 80, kind: 'denied' },
    },
    {
      what: 'a contract without its way back',
      plant: (rest) => rest.delete(`${TENANT}/brc-shop.web_tcp-80/subj-flows/outtmnl/rsfiltAtt-r-tcp-80`),
      found: { source: 'shop/client', destination: 'shop/web', protocol: 'TCP', port: 80, kind: 'reply' },
    },
    {
      what: 'an entry for answers that lets new connections pass from a port',
      plant: (rest) =>
        rest.post(`${TENANT}/flt-r-tcp-80/e-r-tcp-80`, { vzEntry: { attributes: { tcpRules: 'unspecified' } } }),
      found: { source: 'shop/web', destination: 'shop/client', protocol: 'TCP', port: 1, kind: 'opened' },
    },
    {
      what: 'an admin’s contract for a port that no policy knows',
      plant: (rest) => relateAdminContract(rest),
      found: { source: 'shop/dns', destination: 'shop/web', protocol: 'TCP', port: 9999, kind: 'opened' },
    },
    {
      what: 'an address moved to another external EPG',
      plant: (rest) => rest.delete(`${TENANT}/out-external/instP-ext-192.0.2.0-24/extsubnet-[192.0.2.0/24]`),
      found: { source: 'shop/web', destination: '192.0.2.0', protocol: 'TCP', port: 443, kind: 'denied' },
    },
  ];
  for (const { what, plant, found } of plants) {
    it(`finds ${what}`, async () => {
      await plant(await startApic());
      const { exitCode, output } = await verify(...real());
      assert.equal(exitCode, 1);
      assert.ok(output.differences > 0);
      const { source, destination, protocol, port, kind } = output.counterExample ?? {};
      assert.deepEqual({ source, destination, protocol, port, kind }, found);
    });
  }

  it('explains the counter-example to people: policy, fabric, and how many points differ', async () => {
    const rest = await startApic();
    await rest.delete(`${PROFILE}/epg-shop.client/rscons-shop.web_tcp-80`);
    const { exitCode, stdout } = await runAcigw(['verify', '--from', from, ...real()]);
    assert.equal(exitCode, 1);
    assert.match(stdout, /^DIFFERS APIC http.*: not what the policies say at \d+ of \d+ critical points/);
    assert.match(
      stdout,
      /^for example shop\/client \(10\.244\.0\.11\) -> shop\/web \(10\.244\.0\.10\) TCP\/80 from port 40000/m,
    );
    assert.match(stdout, /^policy {2}ALLOWS[\s\S]*NetworkPolicy\/shop\/web ingress\[0\][\s\S]*^fabric {2}DROPS/m);
    assert.match(stdout, /^differ {2}UNEXPLAINED: policies allow the flow and the fabric drops it/m);
  });

  it('the counter-example as JSON: what policies say with their rules, and what the fabric does with its objects', async () => {
    const rest = await startApic();
    await rest.post(`${TENANT}/flt-f-tcp-80/e-f-tcp-80`, { vzEntry: { attributes: { dToPort: '81' } } });
    const { policy, fabric } = (await verify(...real())).output.counterExample ?? {};
    assert.equal(policy?.allowed, false);
    assert.equal(policy.ingress.decision, 'no-rule');
    assert.deepEqual(policy.ingress.selectedBy, ['NetworkPolicy/shop/web']);
    assert.equal(policy.egress.decision, 'not-isolated');
    const { contract, subject, filter } = fabric?.open.rule ?? {};
    assert.deepEqual([contract, subject, filter], [`${TENANT}/brc-shop.web_tcp-80`, 'flows', 'f-tcp-80']);
    const text = await runAcigw(['verify', '--from', from, ...real()]);
    assert.match(text.stdout, /^policy {2}DENIES[\s\S]*ingress {2}shop\/web: denied: isolated, and no rule admits it/m);
    assert.match(
      text.stdout,
      /contract uni\/tn-k8s-kubernetes\/brc-shop\.web_tcp-80\n.*subject flows, filter f-tcp-80/,
    );
  });

  it('says so as well of an answer that is dropped, and of an end that is in no EPG', async () => {
    const rest = await startApic();
    await rest.delete(`${TENANT}/brc-shop.web_tcp-80/subj-flows/outtmnl/rsfiltAtt-r-tcp-80`);
    const dropped = (await verify(...real())).output.counterExample;
    assert.equal(dropped?.policy.allowed, true);
    assert.deepEqual(
      dropped.policy.ingress.rules.map(({ policy, rule }) => `${policy} ${rule}`),
      ['NetworkPolicy/shop/web 0'],
    );
    assert.deepEqual(
      dropped.fabric.replies.map(({ permitted, kind }) => [permitted, kind]),
      [
        [false, 'no-rule'],
        [false, 'no-rule'],
      ],
    );
    await rest.delete(`uni/infra/attentp-k8s-kubernetes/gen-default/rsfuncToEpg-[${PROFILE}/epg-shop.web]`);
    const lost = (await verify(...real())).output.counterExample;
    assert.deepEqual([lost?.kind, lost?.fabric.open.kind, lost?.fabric.open.rule], ['denied', 'no-class', null]);
  });

  it('explain says that an admin has opened a flow, which works then, and verify finds it all the same', async () => {
    const rest = await startApic();
    const flow = ['shop/dns', 'shop/web', 'TCP/9999'];
    assert.equal((await runAcigw(['explain', '--from', from, ...real(), ...flow])).exitCode, 1);
    await relateAdminContract(rest);
    const explained = await runAcigw(['explain', '--from', from, ...real(), ...flow]);
    assert.equal(explained.exitCode, 0, explained.stdout);
    assert.match(explained.stdout, /^differ {2}ADMIN_CONTRACT: an admin has opened it by a contract/m);
    const other = ['shop/web', 'shop/dns', 'TCP/22'];
    const reversed = await runAcigw(['explain', '--from', from, ...real(), ...other]);
    assert.equal(
      reversed.exitCode,
      1,
      'from the port of the contract the fabric lets it pass, as an answer; the hosts do not',
    );
    assert.doesNotMatch(reversed.stdout, /ADMIN_CONTRACT/);
    const verified = await runAcigw(['verify', '--from', from, ...real()]);
    assert.equal(verified.exitCode, 1);
    assert.match(verified.stdout, /^differ {2}ADMIN_CONTRACT/m);
  });

  it('explain asks the APIC as well, and names what is missing there', async () => {
    const rest = await startApic();
    const flow = ['shop/client', 'shop/web', 'TCP/80'];
    const before = await runAcigw(['explain', '--from', from, ...real(), ...flow]);
    assert.equal(before.exitCode, 0, before.stderr);
    assert.match(before.stdout, /^fabric {2}PERMITS {2}\(APIC http/m);
    await rest.delete(
      'uni/infra/attentp-k8s-kubernetes/gen-default/rsfuncToEpg-[uni/tn-k8s-kubernetes/ap-k8s-kubernetes/epg-shop.web]',
    );
    const after = await runAcigw(['explain', '--from', from, ...real(), ...flow]);
    assert.equal(after.exitCode, 1);
    assert.match(
      after.stdout,
      /^differ {2}UNEXPLAINED: policies allow the flow, and the fabric has no EPG for shop\/web$/m,
    );
  });

  it('an ipBlock that cuts a foreign EPG opens the whole of it, and that is explained', async () => {
    const config = join(folder, 'vms.yaml');
    const vms = 'uni/tn-k8s-kubernetes/ap-vms/epg-db';
    writeFileSync(config, `fabric: { foreignEpgs: [{ dn: ${vms}, addresses: [192.0.2.0/26] }] }`);
    const cut = policyManifest(
      'shop/half',
      '{ podSelector: { matchLabels: { app: dns } }, policyTypes: [Egress], egress: [{ to: [{ ipBlock: { cidr: 192.0.2.0/27 } }] }] }',
    );
    const second = writeManifests(folder, [cut], 'cut.yaml');
    const { exitCode, output } = await verify('--from', second, '--config', config);
    assert.equal(exitCode, 0, JSON.stringify(output.counterExample));
    assert.ok(output.excesses.some(({ code }) => code === 'IPBLOCK_SPLITS_EPG'));
  });

  it('an ipBlock that cuts the EPG of the nodes is explained as that, here and for one flow', async () => {
    const config = join(folder, 'nodes.yaml');
    const nodes = 'uni/tn-k8s-kubernetes/ap-infra/epg-nodes';
    writeFileSync(config, `fabric: { nodes: { epg: ${nodes}, addresses: [192.0.2.0/26] } }`);
    const cut = policyManifest(
      'shop/half',
      '{ podSelector: { matchLabels: { app: dns } }, policyTypes: [Egress], egress: [{ to: [{ ipBlock: { cidr: 192.0.2.0/27 } }] }] }',
    );
    const second = writeManifests(folder, [cut], 'cut-nodes.yaml');
    const { exitCode, output } = await verify('--from', second, '--config', config);
    assert.equal(exitCode, 0, JSON.stringify(output.counterExample));
    const codes = output.excesses.map(({ code }) => code);
    assert.ok(codes.includes('NODE_SPLIT') && !codes.includes('IPBLOCK_SPLITS_EPG'), codes.join());
    const flow = ['shop/dns', '192.0.2.40', 'TCP/80'];
    const { stdout } = await runAcigw(['explain', '--from', from, '--from', second, '--config', config, ...flow]);
    assert.match(stdout, /^differ {2}NODE_SPLIT: policies tell nodes apart by address/m);
  });

  it('leaves out namespaces of which the specification says nothing, names them, and exits 2', async () => {
    const bad = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: bad, namespace: other }
spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: nonsense } }] }] }
`;
    const second = writeManifests(folder, [bad], 'bad.yaml');
    const { exitCode, output } = await verify('--from', second);
    assert.equal(exitCode, 2);
    assert.equal(output.proved, true);
    assert.deepEqual(output.leftOut, ['other']);
  });

  it('an APIC that cannot be reached, or refuses the password, is one line and exit code 2', async () => {
    const away = await runAcigw([
      'verify',
      '--from',
      from,
      '--apic',
      'http://127.0.0.1:9',
      '--password-file',
      join(folder, 'password'),
    ]);
    assert.equal(away.exitCode, 2);
    assert.match(away.stderr, /^acigw: APIC http:\/\/127\.0\.0\.1:9 cannot be reached: [^\n]*\n$/);
    await startApic();
    const wrong = await runAcigw(['verify', '--from', from, ...real().slice(0, 4), '--password-file', from]);
    assert.equal(wrong.exitCode, 2);
    assert.match(wrong.stderr, /^acigw: APIC .* refused the login of user admin: [^\n]*\n$/);
  });
}).timeout(60_000);

/** A contract of an admin's for a port that no policy knows, from the group of `dns` to that of `web`. */
async function relateAdminContract(rest: ApicRest): Promise<void> {
  const entry = {
    vzEntry: { attributes: { name: 'e', etherT: 'ip', prot: 'tcp', dFromPort: '9999', dToPort: '9999' } },
  };
  await rest.post(`${TENANT}/flt-admin`, { vzFilter: { attributes: { name: 'admin' }, children: [entry] } });
  const filter = { vzRsSubjFiltAtt: { attributes: { tnVzFilterName: 'admin' } } };
  const subject = { vzSubj: { attributes: { name: 's' }, children: [filter] } };
  await rest.post(`${TENANT}/brc-admin`, { vzBrCP: { attributes: { name: 'admin' }, children: [subject] } });
  await rest.post(`${PROFILE}/epg-shop.web`, { fvRsProv: { attributes: { tnVzBrCPName: 'admin' } } });
  await rest.post(`${PROFILE}/epg-shop.dns`, { fvRsCons: { attributes: { tnVzBrCPName: 'admin' } } });
}

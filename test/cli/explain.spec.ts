import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { podManifest, policyManifest, SHOP, writeManifests } from '#support/policy-manifests';
import { runAcigw } from '#support/run-command';

const VMS = `
fabric:
  foreignEpgs: [{ dn: uni/tn-k8s-kubernetes/ap-vms/epg-db, addresses: [10.20.0.0/24] }]
`;
const DB = 'uni/tn-k8s-kubernetes/ap-vms/epg-db';

describe('acigw explain', () => {
  let folder: string;
  let from: string;
  let config: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'acigw-explain-'));
    from = writeManifests(folder, SHOP);
    config = join(folder, 'acigw.yaml');
    writeFileSync(config, VMS);
  });
  after(() => rmSync(folder, { recursive: true }));

  const explain = (...args: readonly string[]): ReturnType<typeof runAcigw> =>
    runAcigw(['explain', '--from', from, '--config', config, ...args]);

  it('an allowed flow: the rules that admit it, and contract, subject, filter, entry and policy both ways', async () => {
    const { exitCode, stdout, stderr } = await explain('shop/client', 'shop/web', 'TCP/80');
    assert.equal(exitCode, 0, stderr);
    assert.equal(
      stdout,
      `shop/client (10.244.0.11) -> shop/web (10.244.0.10) TCP/80: ALLOWED
policy  ALLOWS
  egress   shop/client: allowed, not isolated
  ingress  shop/web: allowed by NetworkPolicy/shop/web ingress[0]
           selected by NetworkPolicy/shop/web
  replies  pass: the hosts track connections
fabric  PERMITS  (managed objects to be written)
  open     permit: permitted by a contract (priority 7 fully_qual)
           uni/tn-k8s-kubernetes/ap-k8s-kubernetes/epg-shop.client -> uni/tn-k8s-kubernetes/ap-k8s-kubernetes/epg-shop.web
           contract uni/tn-k8s-kubernetes/brc-shop.web_tcp-80
           subject flows, filter f-tcp-80, entry f-tcp-80: ip tcp to 80
           asked for by NetworkPolicy/shop/web
  reply    permit: permitted by a contract (priority 7 fully_qual)
           uni/tn-k8s-kubernetes/ap-k8s-kubernetes/epg-shop.web -> uni/tn-k8s-kubernetes/ap-k8s-kubernetes/epg-shop.client
           contract uni/tn-k8s-kubernetes/brc-shop.web_tcp-80
           subject flows, filter r-tcp-80, entry r-tcp-80: ip tcp from 80 est
           asked for by NetworkPolicy/shop/web
`,
    );
  });

  it('a denied flow: which policy isolates, which rule has other ports, and that no rule of the fabric matches', async () => {
    const { exitCode, stdout } = await explain('shop/client', 'shop/web', 'TCP/81');
    assert.equal(exitCode, 1);
    assert.match(stdout, /TCP\/81: DENIED\npolicy {2}DENIES/);
    assert.match(stdout, /ingress {2}shop\/web: denied: isolated, and no rule admits it/);
    assert.match(stdout, /for other ports only: NetworkPolicy\/shop\/web ingress\[0\]/);
    assert.match(stdout, /open {5}drop: no rule matches \(implicit deny\)/);
    assert.doesNotMatch(stdout, /^differ/m);
  });

  const cases: readonly {
    readonly what: string;
    readonly flow: readonly [string, string, string];
    readonly exitCode: number;
    readonly says: readonly RegExp[];
  }[] = [
    {
      what: 'an address inside an ipBlock',
      flow: ['shop/web', '192.0.2.7', 'TCP/443'],
      exitCode: 0,
      says: [
        /allowed by NetworkPolicy\/shop\/web egress\[1\]/,
        /-> uni\/tn-k8s-kubernetes\/out-external\/instP-ext-192\.0\.2\.0-24/,
      ],
    },
    {
      what: 'an address of its exception',
      flow: ['shop/web', '192.0.2.200', 'TCP/443'],
      exitCode: 1,
      says: [/egress {3}shop\/web: denied: isolated/],
    },
    {
      what: 'a foreign EPG that a policy does not reach',
      flow: ['shop/web', DB, 'TCP/5432'],
      exitCode: 1,
      says: [/-> uni\/tn-k8s-kubernetes\/ap-vms\/epg-db/, /denied: isolated/],
    },
    {
      what: 'a foreign EPG that nobody is kept from',
      flow: [DB, 'shop/client', 'TCP/22'],
      exitCode: 0,
      says: [
        /egress {3}uni\/tn-k8s-kubernetes\/ap-vms\/epg-db: allowed, no policy applies: not a pod/,
        /^fabric {2}PERMITS/m,
      ],
    },
    {
      what: 'an address outside that may not come in',
      flow: ['203.0.113.7', 'shop/web', 'TCP/80'],
      exitCode: 1,
      says: [
        /egress {3}203\.0\.113\.7: allowed, no policy applies: not a pod/,
        /ingress {2}shop\/web: denied: isolated, and no rule admits it\n {11}selected by NetworkPolicy\/shop\/web/,
        /open {5}drop: no rule matches/,
      ],
    },
    {
      what: 'an address outside toward a pod that nobody isolates',
      flow: ['203.0.113.7', 'shop/client', 'UDP/53'],
      exitCode: 0,
      says: [/ingress {2}shop\/client: allowed, not isolated/, /instP-ext-/, /^fabric {2}PERMITS/m],
    },
    {
      what: 'two addresses outside, of which policies say nothing',
      flow: ['203.0.113.7', '192.0.2.7', 'TCP/80'],
      exitCode: 1,
      says: [/^policy {2}SAYS NOTHING: neither end is a pod/m, /^fabric {2}DROPS/m],
    },
    {
      what: 'an address of a foreign EPG, which the fabric takes for that EPG',
      flow: ['shop/client', '10.20.0.9', 'TCP/5432'],
      exitCode: 0,
      says: [/-> uni\/tn-k8s-kubernetes\/ap-vms\/epg-db/, /^fabric {2}PERMITS/m],
    },
    {
      what: 'a foreign EPG toward a pod that it may not reach',
      flow: [DB, 'shop/web', 'TCP/80'],
      exitCode: 1,
      says: [/ingress {2}shop\/web: denied: isolated/, /open {5}drop: no rule matches/],
    },
    {
      what: 'a foreign EPG and an address outside',
      flow: [DB, '203.0.113.7', 'TCP/80'],
      exitCode: 1,
      says: [
        /^policy {2}SAYS NOTHING/m,
        /uni\/tn-k8s-kubernetes\/ap-vms\/epg-db -> uni\/tn-k8s-kubernetes\/out-external/,
      ],
    },
    {
      what: 'an address of a pod, which stands for the pod',
      flow: ['10.244.0.11', 'shop/web', 'TCP/80'],
      exitCode: 0,
      says: [/note {4}10\.244\.0\.11 is the address of pod shop\/client/, /shop\/client: allowed, not isolated/],
    },
    {
      what: 'two pods of one node: the fabric has no say',
      flow: ['shop/web', 'shop/dns', 'UDP/53'],
      exitCode: 0,
      says: [/note {4}both are on one node/],
    },
    {
      what: 'the own node of a pod',
      flow: ['172.16.0.1', 'shop/web', 'TCP/8080'],
      exitCode: 0,
      says: [
        /note {4}172\.16\.0\.1 is an address of node node-web/,
        /note {4}a pod and its own node always reach each other/,
      ],
    },
    {
      what: 'a hostNetwork pod, which is its node to policies',
      flow: ['shop/agent', 'shop/client', 'TCP/1'],
      exitCode: 0,
      says: [/note {4}shop\/agent uses its node's network/, /shop\/agent: allowed, no policy applies/],
    },
    {
      what: 'a pod to itself',
      flow: ['shop/web', 'shop/web', 'TCP/9'],
      exitCode: 0,
      says: [/policy {2}ALLOWS {3}a pod always reaches itself/],
    },
    {
      what: 'UDP that looks like an answer: the fabric lets it pass from the port of the service',
      flow: ['shop/dns', 'shop/web', 'UDP/2000'],
      exitCode: 1,
      says: [/^fabric {2}PERMITS {2}\(.*, from port 53\)/m, /^differ {2}UDP_REVERSE: /m],
    },
  ];
  for (const { what, flow, exitCode, says } of cases) {
    it(what, async () => {
      const told = await explain(...flow);
      assert.equal(told.exitCode, exitCode, told.stdout + told.stderr);
      for (const text of says) assert.match(told.stdout, text);
    });
  }

  it('says the same as JSON', async () => {
    const { stdout } = await explain('--output', 'json', 'shop/dns', 'shop/web', 'UDP/2000');
    const { schema, path, flows } = JSON.parse(stdout) as {
      readonly schema: string;
      readonly path: string;
      readonly flows: readonly {
        readonly allowed: boolean;
        readonly sourcePort: number;
        readonly policy: { readonly ingress: { readonly decision: string; readonly selectedBy: readonly string[] } };
        readonly fabric: { readonly open: { readonly permitted: boolean; readonly rule: { readonly filter: string } } };
        readonly difference: { readonly code: string };
      }[];
    };
    assert.deepEqual([schema, path, flows.length], ['acigw.explain/v1', 'same-node', 1]);
    const [flow] = flows;
    assert.equal(flow?.allowed, false);
    assert.equal(flow.sourcePort, 53);
    assert.deepEqual(flow.policy.ingress.selectedBy, ['NetworkPolicy/shop/web']);
    assert.equal(flow.policy.ingress.decision, 'no-rule');
    assert.deepEqual([flow.fabric.open.permitted, flow.fabric.open.rule.filter], [true, 'r-udp-53']);
    assert.equal(flow.difference.code, 'UDP_REVERSE');
  });

  it('reads from several places', async () => {
    const second = writeManifests(
      folder,
      [podManifest('other/late', '10.244.0.99'), policyManifest('other/none', '{ podSelector: {} }')],
      'second.yaml',
    );
    const { exitCode, stdout } = await explain('--from', second, 'shop/client', 'other/late', 'TCP/80');
    assert.equal(exitCode, 1);
    assert.match(stdout, /selected by NetworkPolicy\/other\/none/);
  });

  it('names what it cannot use, in one line, with exit code 2', async () => {
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [['shop/we', 'shop/web', 'TCP/80'], /SRC: no pod 'shop\/we'; did you mean shop\/web\?/],
      [['shop/web', 'nobody/nowhere', 'TCP/80'], /DST: no pod 'nobody\/nowhere'; expected namespace\/name/],
      [['shop/ended', 'shop/web', 'TCP/80'], /SRC: pod 'shop\/ended' has ended/],
      [['300.1.1.1', 'shop/web', 'TCP/80'], /SRC: '300\.1\.1\.1' is neither namespace\/pod, an IP address/],
      [
        ['uni/tn-x/ap-y/epg-z', 'shop/web', 'TCP/80'],
        /SRC: no foreign EPG 'uni\/tn-x\/ap-y\/epg-z' .*configured are uni/,
      ],
      [['2001:db8::9', 'shop/web', 'TCP/80'], /no IP family in common/],
      [['shop/client', 'shop/web', 'TCP/0'], /PROTO\/PORT: expected .* found 'TCP\/0'/],
      [['shop/client', 'shop/web', 'ICMP/8'], /PROTO\/PORT: expected TCP, UDP or SCTP/],
      [['--config', join(folder, 'none.yaml'), 'shop/client', 'shop/web', 'TCP/80'], /none\.yaml: cannot be read/],
    ];
    for (const [args, reason] of wrong) {
      const { exitCode, stderr, stdout } = await explain(...args);
      assert.equal(exitCode, 2, args.join(' '));
      assert.match(stderr, reason);
      assert.match(stderr, /^acigw: [^\n]*\n$/);
      assert.equal(stdout, '');
    }
  });
}).timeout(60_000);

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { expandWorkloads, type KubernetesObject, policyInputs } from '#model/kubernetes';
import { corpusEntries, corpusPath, counted, inCase, manifestObjects, sum } from '#support/corpus';
import { outside, type Place, PolicyLevels } from '#support/policy-levels';

const FOLDER = 'network-policy-api/conformance';
const POLICY_FILE = /^(admin_tier|baseline_tier|api_integration)/;
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;
const NODE = '192.0.2.77';
/** Host-network ports that a template asks for; upstream fills in four. */
const HOST_PORTS = [34_340, 34_341, 34_342, 34_344];
const PORTS = [53, 80, 81, 5353, 8080, 9003, 9005, ...HOST_PORTS];

const STATEFUL_SETS = {
  gryffindor: 'harry-potter',
  slytherin: 'draco-malfoy',
  hufflepuff: 'cedric-diggory',
  ravenclaw: 'luna-lovegood',
};
type House = keyof typeof STATEFUL_SETS;

const node: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'linux', labels: { 'kubernetes.io/os': 'linux' } },
  status: { addresses: [{ type: 'InternalIP', address: NODE }] },
};

/** Text of a file, placeholders of a template filled in. */
const textOf = (file: string): string =>
  readFileSync(corpusPath(`${FOLDER}/${file}`), 'utf8').replace(
    /\{\{ index \.HostNetworkPorts (\d) \}\}/g,
    (_, index) => String(HOST_PORTS[Number(index)]),
  );

/** The four houses under the policies of a file, which `edit` may change as upstream's tests do on the way. */
function housesUnder(file: string, edit = (text: string): string => text): PolicyLevels {
  const objects = [textOf('manifests.yaml'), edit(textOf(file))].flatMap(manifestObjects);
  return new PolicyLevels(policyInputs([node, ...expandWorkloads(objects)]));
}

const pod = (levels: PolicyLevels, house: House, index = 0): Place =>
  levels.place(`network-policy-conformance-${house}/${STATEFUL_SETS[house]}-${index}`);

/** What of all protocols and {@link PORTS} the source may open toward the destination. */
function openBetween(levels: PolicyLevels, source: Place, destination: Place): string {
  const open = PROTOCOLS.flatMap((protocol) =>
    PORTS.filter((port) => levels.specification({ source, destination, protocol, port })).map(
      (port) => `${protocol} ${port}`,
    ),
  );
  if (open.length === PROTOCOLS.length * PORTS.length) return 'all';
  return open.length === 0 ? 'none' : open.join();
}

/** Everything but the ports of the text. */
const allBut = (closed: string): string =>
  PROTOCOLS.flatMap((protocol) => PORTS.map((port) => `${protocol} ${port}`))
    .filter((text) => !closed.split(',').includes(text))
    .join();

/** Checks that matrix and managed objects say what the specification says, and gives the number of probes. */
function checkLevels(levels: PolicyLevels): number {
  const places = (Object.keys(STATEFUL_SETS) as House[]).flatMap((house) => [
    pod(levels, house),
    pod(levels, house, 1),
  ]);
  const all = [...places, outside(NODE), outside('8.8.8.8')];
  let probes = 0;
  for (const source of all) {
    for (const destination of all) {
      if (source === destination || (source.endpoint.namespace ?? destination.endpoint.namespace) === undefined)
        continue;
      for (const protocol of PROTOCOLS) {
        for (const port of PORTS) {
          const probe = { source, destination, protocol, port };
          levels.check(probe, levels.specification(probe));
          probes += 1;
        }
      }
    }
  }
  return probes;
}

describe('corpus: conformance inputs of the network-policy-api', () => {
  it('are compiled without an error, and matrix and managed objects agree with the specification', () => {
    const files = corpusEntries(FOLDER).filter((file) => POLICY_FILE.test(file));
    const probes = files.map((file) =>
      inCase(file, () => {
        const levels = housesUnder(file);
        assert.deepEqual(
          levels.findings.filter(({ severity }) => severity === 'error'),
          [],
        );
        return checkLevels(levels);
      }),
    );
    console.log(`      ${files.length} files, ${sum(probes)} probes`);
    assert.equal(files.length, counted(20, 6));
  }).timeout(60_000);

  const closedToSlytherin = 'TCP 80,UDP 53,SCTP 9003';
  for (const file of [
    'admin_tier__standard-gress-rules-combined.yaml',
    'baseline_tier__standard-gress-rules-combined.yaml',
  ]) {
    it(`${file}: ports by house, in both directions`, () => {
      const levels = housesUnder(file);
      const gryffindor = pod(levels, 'gryffindor');
      const both = (house: House): readonly [string, string] => {
        const other = pod(levels, house, 1);
        return [openBetween(levels, gryffindor, other), openBetween(levels, other, gryffindor)];
      };
      assert.deepEqual(both('ravenclaw'), ['all', 'all']);
      assert.deepEqual(both('slytherin'), [allBut(closedToSlytherin), allBut(closedToSlytherin)]);
      assert.deepEqual(both('hufflepuff'), ['TCP 8080,UDP 5353,SCTP 9003', 'TCP 80,UDP 5353,SCTP 9003']);
    });
  }

  /** What slytherin may open toward gryffindor and gryffindor toward slytherin. */
  const toAndFro = (levels: PolicyLevels): readonly [string, string] => {
    const [gryffindor, slytherin] = [pod(levels, 'gryffindor'), pod(levels, 'slytherin', 1)];
    return [openBetween(levels, slytherin, gryffindor), openBetween(levels, gryffindor, slytherin)];
  };

  it('standard-priority-field: the Pass decides once its priority is the lower number', () => {
    const file = 'admin_tier__standard-priority-field.yaml';
    assert.deepEqual(toAndFro(housesUnder(file)), ['none', 'none']);
    const raised = housesUnder(file, (text) => text.replace('priority: 60', 'priority: 40'));
    assert.deepEqual(toAndFro(raised), ['all', 'all']);
    checkLevels(raised);
  });

  it('standard-anp-np-banp: Admin, then NetworkPolicy, then Baseline', () => {
    const file = 'api_integration__standard-anp-np-banp.yaml';
    const passing = (text: string): string => text.replaceAll('action: "Deny" #', 'action: "Pass" #');
    const withoutNetworkPolicy = (text: string): string =>
      text
        .split('---\n')
        .filter((document) => !document.includes('kind: NetworkPolicy'))
        .join('---\n');
    assert.deepEqual(toAndFro(housesUnder(file)), ['none', 'none'], 'the Admin tier denies');
    const passed = housesUnder(file, passing);
    assert.deepEqual(toAndFro(passed), ['all', 'all'], 'it passes, the NetworkPolicy allows');
    assert.equal(openBetween(passed, pod(passed, 'ravenclaw'), pod(passed, 'gryffindor')), 'none');
    const based = housesUnder(file, (text) => withoutNetworkPolicy(passing(text)));
    assert.deepEqual(toAndFro(based), ['none', 'none'], 'without it the Baseline tier denies');
    for (const levels of [passed, based]) checkLevels(levels);
  });

  it('experimental-egress-selector-rules: nodes by label', () => {
    const levels = housesUnder('admin_tier__experimental-egress-selector-rules.yaml.tmpl');
    const gryffindor = pod(levels, 'gryffindor');
    assert.equal(openBetween(levels, gryffindor, outside(NODE)), 'TCP 34340,UDP 34342');
    assert.equal(openBetween(levels, gryffindor, outside('8.8.8.8')), 'none');
    assert.equal(openBetween(levels, gryffindor, pod(levels, 'slytherin')), 'none');
    const baseline = housesUnder('baseline_tier__experimental-egress-selector-rules.yaml.tmpl');
    assert.equal(openBetween(baseline, pod(baseline, 'gryffindor'), outside(NODE)), 'TCP 34340,TCP 34341');
  });
});

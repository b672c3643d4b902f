import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { isTieredPolicy, type KubernetesObject, policyInputs } from '#model/kubernetes';
import { parseAddress } from '#model/net';
import { corpusEntries, corpusObjects, corpusPath, counted, inCase, ownerOf, sum } from '#support/corpus';
import { outside, type Place, PolicyLevels } from '#support/policy-levels';

/** One line of an analyzer's list: `from => to : connections`, at the level of workloads and ranges of addresses. */
interface Connection {
  readonly from: string;
  readonly to: string;
  readonly connections: string;
}

/** Sets where the analyzer differs by design: it never lets an ipBlock match a pod's address; upstream's tests do. */
const DIFFERENT_BY_DESIGN = /-with-ipblock$/;
const RANGE = /^([\d.]+)-([\d.]+)\[External\]$/;
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;

function connectionsOf(folder: string): readonly Connection[] {
  const name = corpusEntries(folder).find((entry) => entry.startsWith('expected_connlist.')) ?? '';
  const bytes = readFileSync(corpusPath(`${folder}/${name}`));
  const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  if (name.endsWith('.json')) {
    const list = JSON.parse(text) as readonly { src: string; dst: string; conn: string }[];
    return list.map(({ src, dst, conn }) => ({ from: src, to: dst, connections: conn }));
  }
  return text.split('\n').flatMap((line) => {
    const [, from, to, connections] = /^(\S+) => (\S+) : (.+)$/.exec(line) ?? [];
    return from === undefined || to === undefined || connections === undefined ? [] : [{ from, to, connections }];
  });
}

/** Whether `TCP 80,443,UDP 53-54` (or `All Connections`) holds the port. */
function holds(connections: string, protocol: string, port: number): boolean {
  if (connections === 'All Connections') return true;
  let current = '';
  return connections.split(',').some((item) => {
    const [, name, range = ''] = /^(?:([A-Z]+) )?([\d-]+)$/.exec(item) ?? [];
    current = name ?? current;
    const [from = 0, to = from] = range.split('-').map(Number);
    return current === protocol && from <= port && port <= to;
  });
}

/** The analyzer takes hostNetwork pods for ordinary ones. */
const asAnalyzed = (objects: readonly KubernetesObject[]): readonly KubernetesObject[] =>
  objects.map((object) => {
    if (object.kind !== 'Pod') return object;
    return { ...object, spec: { ...(object['spec'] as object), hostNetwork: false } };
  });

function workloadsOf(
  objects: readonly KubernetesObject[],
  levels: PolicyLevels,
): ReadonlyMap<string, readonly Place[]> {
  const workloads = new Map<string, Place[]>();
  for (const pod of objects.filter(({ kind }) => kind === 'Pod')) {
    const { kind, name } = ownerOf(pod, objects);
    const key = `${pod.metadata.namespace}/${name}[${kind}]`;
    workloads.set(key, [...(workloads.get(key) ?? []), levels.place(`${pod.metadata.namespace}/${pod.metadata.name}`)]);
  }
  return workloads;
}

/** Addresses outside that one folder is asked about: one set has ranges for more than a thousand. */
const MOST_OUTSIDES = 40;

/** Ends of the ranges of the list, as places, each with the names of the ranges that hold it. */
function outsidesOf(list: readonly Connection[]): readonly { place: Place; ranges: readonly string[] }[] {
  const names = [...new Set(list.flatMap(({ from, to }) => [from, to]).filter((name) => RANGE.test(name)))];
  const ranges = names.map((name) => ({ name, ends: (RANGE.exec(name) ?? []).slice(1) }));
  const value = (ip: string): bigint => parseAddress(ip).value;
  const within = (ip: string, [first = '', last = '']: readonly string[]): boolean =>
    value(first) <= value(ip) && value(ip) <= value(last);
  const addresses = [...new Set(ranges.flatMap(({ ends }) => ends))];
  const step = Math.ceil(addresses.length / MOST_OUTSIDES);
  return addresses
    .filter((_, index) => index % step === 0)
    .map((ip) => ({
      place: outside(ip),
      ranges: ranges.filter(({ ends }) => within(ip, ends)).map(({ name }) => name),
    }));
}

function criticalPorts(list: readonly Connection[]): readonly number[] {
  const numbers = new Set(list.flatMap(({ connections }) => [...connections.matchAll(/\d+/g)].map(Number)));
  const around = [...numbers].flatMap((port) => [port - 1, port, port + 1]);
  return [...new Set([1, 65_535, ...around])].filter((port) => port >= 1 && port <= 65_535);
}

/** Checks all pairs of workloads, and of workloads with the ends of the outside ranges; gives the number of probes. */
function checkFolder(folder: string, objects: readonly KubernetesObject[]): number {
  const levels = new PolicyLevels(policyInputs(objects));
  const list = connectionsOf(folder);
  const listed = new Map(list.map(({ from, to, connections }) => [`${from} ${to}`, connections]));
  const ports = criticalPorts(list);
  let probes = 0;
  const check = (source: Place, destination: Place, names: readonly string[]): void => {
    for (const protocol of PROTOCOLS) {
      for (const port of ports) {
        probes += 1;
        const expected = names.some((name) => holds(listed.get(name) ?? 'TCP 0', protocol, port));
        levels.check({ source, destination, protocol, port }, expected);
      }
    }
  };
  const workloads = workloadsOf(objects, levels);
  const outsides = outsidesOf(list);
  for (const [from, [source]] of workloads) {
    if (source === undefined) continue;
    for (const [to, [destination]] of workloads) {
      if (to !== from && destination !== undefined) check(source, destination, [`${from} ${to}`]);
    }
    for (const { place, ranges } of outsides) {
      check(
        source,
        place,
        ranges.map((range) => `${from} ${range}`),
      );
      check(
        place,
        source,
        ranges.map((range) => `${range} ${from}`),
      );
    }
  }
  return probes;
}

describe('corpus: connection lists of np-guard', () => {
  it('agree with specification, matrix and managed objects for every pair of workloads', () => {
    const folders = corpusEntries('np-guard').flatMap((name) => {
      const folder = `np-guard/${name}`;
      const files = corpusEntries(folder).filter(
        (file) => /\.(ya?ml|json)$/.test(file) && !file.startsWith('expected'),
      );
      const objects = corpusObjects(files.map((file) => `${folder}/${file}`));
      return DIFFERENT_BY_DESIGN.test(name) ? [] : [{ folder, objects: asAnalyzed(objects) }];
    });
    const probes = folders.map(({ folder, objects }) => inCase(folder, () => checkFolder(folder, objects)));
    const tiered = folders.filter(({ objects }) => objects.some(isTieredPolicy));
    console.log(
      `      ${folders.length} folders, ${tiered.length} with policies of other tiers, ${sum(probes)} probes`,
    );
    assert.equal(folders.length, counted(93, 1));
    assert.equal(tiered.length, counted(54, 1));
    assert.equal(sum(probes), counted(231_168, 648));
  }).timeout(180_000);
});

import assert from 'node:assert/strict';
import { type KubernetesObject, policyInputs } from '#model/kubernetes';
import { corpusJson, corpusObjects, counted, inCase, ownerOf, sum } from '#support/corpus';
import { isPolicyPlace, outside, type Place, PolicyLevels } from '#support/policy-levels';

interface ExpectedCase {
  readonly id: string;
  readonly derivation: 'hand' | 'oracle';
  readonly inputs: readonly string[];
  readonly allow: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;

/** `TCP:80,UDP:53,TCP:1-1023` as a function of protocol and port. */
function allows(connections: string, protocol: string, port: number): boolean {
  if (connections === 'ALL' || connections === 'NONE') return connections === 'ALL';
  return connections.split(',').some((item) => {
    const [name, range = ''] = item.split(':');
    const [from = 0, to = from] = range.split('-').map(Number);
    return name === protocol && from <= port && port <= to;
  });
}

/** Ports at which some cell of the case can change its verdict, and the ends (policy.md §4.4). */
function criticalPorts({ allow }: ExpectedCase): readonly number[] {
  const cells = Object.values(allow).flatMap((row) => Object.values(row));
  const ends = cells.flatMap((cell) => [...cell.matchAll(/[:-](\d+)/g)].map((match) => Number(match[1])));
  const around = ends.flatMap((port) => [port - 1, port, port + 1]).filter((port) => port >= 1 && port <= 65_535);
  return [...new Set([1, 65_535, ...around])];
}

/** The place of a key of the tables: a pod, the only pod of a workload, or `ext/<address>`. */
function placesOf(given: ExpectedCase, levels: PolicyLevels, objects: readonly KubernetesObject[]): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const pod of objects.filter(({ kind }) => kind === 'Pod')) {
    const { namespace, name } = pod.metadata;
    const place = levels.place(`${namespace}/${name}`);
    places.set(`${namespace}/${ownerOf(pod, objects).name}`, place).set(place.key, place);
  }
  for (const key of Object.keys(given.allow)) {
    if (key.startsWith('ext/')) places.set(key, outside(key.slice('ext/'.length)));
  }
  return places;
}

/** Checks every cell of the case; gives the number of cells and of probes. */
function checkCase(given: ExpectedCase): { cells: number; probes: number } {
  const objects = corpusObjects(given.inputs);
  const levels = new PolicyLevels(policyInputs(objects));
  const places = placesOf(given, levels, objects);
  const ports = criticalPorts(given);
  let cells = 0;
  for (const [from, row] of Object.entries(given.allow)) {
    for (const [to, connections] of Object.entries(row)) {
      const [source, destination] = [places.get(from), places.get(to)];
      assert.ok(source !== undefined && destination !== undefined, `${from} or ${to} is not among the objects`);
      if (source === destination || !(isPolicyPlace(source) || isPolicyPlace(destination))) continue;
      cells += 1;
      for (const protocol of PROTOCOLS) {
        for (const port of ports) {
          levels.check({ source, destination, protocol, port }, allows(connections, protocol, port));
        }
      }
    }
  }
  return { cells, probes: cells * ports.length * PROTOCOLS.length };
}

describe('corpus: tables of expected.json', () => {
  it('agree with specification, matrix and managed objects in every cell, on every port where a cell can change', () => {
    const { cases } = corpusJson('expected.json') as { readonly cases: readonly ExpectedCase[] };
    const counts = cases.map((given) => inCase(given.id, () => checkCase(given)));
    const cells = sum(counts.map((count) => count.cells));
    console.log(`      ${cases.length} tables, ${cells} cells, ${sum(counts.map(({ probes }) => probes))} probes`);
    assert.equal(cases.length, counted(22, 1));
    assert.equal(cells, counted(940, 18));
  });
});

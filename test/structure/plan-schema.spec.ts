import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { planFabric } from '#fabric';
import { type FlatObject, MARK_KEYS, markDn, ORCHESTRATOR } from '#model/aci';
import { planView } from '../../workers/plan-view.js';

const DOCUMENT = new URL('../../../docs/cli.md', import.meta.url);

const contract = (name: string, descr: string): readonly FlatObject[] => {
  const dn = `uni/tn-k8s/brc-${name}`;
  return [
    { className: 'vzBrCP', dn, attributes: { name, descr, annotation: ORCHESTRATOR } },
    {
      className: 'tagAnnotation',
      dn: markDn(dn, MARK_KEYS.owner),
      attributes: { key: MARK_KEYS.owner, value: 'test' },
    },
  ];
};

const mapOf = (objects: readonly FlatObject[]): ReadonlyMap<string, FlatObject> =>
  new Map(objects.map((object) => [object.dn, object]));

/** Paths of all fields; `set` has attributes for fields, and what waits is like what is done. */
function fieldsOf(value: unknown, prefix = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => fieldsOf(item, `${prefix}[]`));
  const isOpaque = prefix.endsWith('.set') || prefix === 'waiting.changes[]' || prefix === 'findings[]';
  if (typeof value !== 'object' || value === null || isOpaque) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    return [name, ...fieldsOf(inner, name)];
  });
}

describe('structure: documents, the plan', () => {
  it('docs/cli.md has every field of a plan, and no other', () => {
    const binding = {
      className: 'fvRsPathAtt',
      dn: 'uni/tn-k8s/ap-x/epg-y/rspathAtt-[topology/pod-1/paths-101/pathep-[eth1/1]]',
      attributes: { tDn: 'topology/pod-1/paths-101/pathep-[eth1/1]', encap: 'vlan-1' },
    };
    const moved = { ...binding, attributes: { ...binding.attributes, encap: 'vlan-2' } };
    const plan = planFabric({
      desired: mapOf([...contract('kept', 'new'), moved]),
      actual: mapOf([...contract('kept', 'old'), ...contract('gone', ''), binding]),
      references: [],
      clusterId: 'test',
      limits: { objects: 10 },
      mayDelete: () => [],
    });
    const fields = new Set(fieldsOf(planView(plan, () => 1)));
    const [, section = ''] = /^### JSON of a plan([\s\S]*?)^## /m.exec(readFileSync(DOCUMENT, 'utf8')) ?? [];
    const documented = [...section.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1] ?? '');
    assert.deepEqual(documented.sort(), [...fields].sort());
  });
});

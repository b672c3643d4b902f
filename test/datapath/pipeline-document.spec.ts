import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { compileFlows, hash32, REGISTER, TABLE } from '#datapath';
import { BRIDGE, POLICY } from './sample.js';

const OPEN = { egress: 'everything', ingress: 'everything' } as const;
const DOCUMENT = new URL('../../../docs/pipeline.md', import.meta.url);

describe('datapath: docs/pipeline.md', () => {
  // The formatter pads the cells of tables.
  const text = readFileSync(DOCUMENT, 'utf8').replace(/ +/g, ' ');
  const flows = compileFlows(POLICY, BRIDGE).map((flow) => flow.replace(/^cookie=\w+,/, ''));

  it('shows flows that the compiler makes', () => {
    const samples = text.split('\n').filter((line) => line.startsWith('table='));
    assert.ok(samples.length > 20);
    assert.deepEqual(
      samples.filter((sample) => !flows.includes(sample)),
      [],
    );
  });

  it('has a section with the purpose of every table, and a sample of each', () => {
    for (const { id, purpose } of Object.values(TABLE)) {
      const section = text.split(`\n## Table ${id}: `)[1]?.split('\n## ')[0];
      assert.ok(section !== undefined, `table ${id}`);
      assert.ok(section.includes(`table=${id},`), `sample of table ${id}`);
      const [first = ''] = purpose.split(', and where');
      assert.ok(section.replaceAll('\n', ' ').includes(`Purpose: ${first}`), `purpose of table ${id}`);
    }
  });

  it('lists every register with its meaning', () => {
    for (const { index, meaning } of Object.values(REGISTER)) {
      assert.ok(text.includes(`| reg${index} | ${meaning} |`), `register ${index}`);
    }
  });
});

describe('datapath: the compiled flows', () => {
  const others = {
    ...POLICY,
    groups: [...POLICY.groups].reverse(),
    addresses: [...POLICY.addresses].reverse(),
    endpoints: [...POLICY.endpoints].reverse(),
    permits: [...POLICY.permits].reverse(),
  };

  it('are the same text whatever the order of the input', () => {
    assert.deepEqual(
      compileFlows(others, { ...BRIDGE, endpoints: [...BRIDGE.endpoints].reverse() }),
      compileFlows(POLICY, BRIDGE),
    );
  });

  it('change for an unrelated group only by the flows about it', () => {
    const more = {
      ...POLICY,
      groups: [...POLICY.groups, { name: 'aaa', kind: 'pods' as const, ...OPEN }],
      addresses: [...POLICY.addresses, { prefix: '10.64.0.99/32', group: 'aaa' }],
    };
    const added = compileFlows(more, BRIDGE).filter((flow) => !compileFlows(POLICY, BRIDGE).includes(flow));
    const gone = compileFlows(POLICY, BRIDGE).filter((flow) => !compileFlows(more, BRIDGE).includes(flow));
    const tag = `0x${(hash32('aaa') & 0x7fffffff).toString(16)}`;
    const about = [`10.64.0.99/32,`, `reg12=${tag},`, `reg13=${tag},`];
    assert.deepEqual(
      added.map((flow) => about.findIndex((term) => `${flow.split('actions=')[0]}`.includes(term))),
      [0, 0, 1, 2],
    );
    assert.deepEqual(gone, []);
  });

  it('give an address that two pods claim to the first by name', () => {
    const endpoints = [...POLICY.endpoints, { pod: 'shop/aaa', ips: ['10.64.0.11'], group: 'db' }];
    const plugged = [...BRIDGE.endpoints, { pod: 'shop/aaa', port: 15, mac: '02:00:00:00:10:0f' }];
    const flows = compileFlows({ ...POLICY, endpoints }, { ...BRIDGE, endpoints: plugged });
    const senders = flows.filter((flow) => flow.includes('nw_src=10.64.0.11,'));
    assert.deepEqual(
      senders.map((flow) => /in_port=(\d+)/.exec(flow)?.[1]),
      ['15'],
    );
  });

  it('never hold one match twice', () => {
    const matches = compileFlows(POLICY, BRIDGE).map((flow) => flow.replace(/^cookie=\w+,/, '').split(',actions=')[0]);
    assert.equal(new Set(matches).size, matches.length);
  });

  it('name the address that is none', () => {
    const endpoints = [{ pod: 'shop/web-1', ips: ['10.64.0.300'], group: 'web' }];
    assert.throws(() => compileFlows({ ...POLICY, endpoints }, BRIDGE), /10\.64\.0\.300/);
  });
});

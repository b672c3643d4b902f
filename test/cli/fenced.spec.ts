import assert from 'node:assert/strict';
import type { ApicPort, PolicyStore } from '#ports';
import type { GatewayDelegation } from '#workers';
import { fencedApic, fencedDelegation, fencedStore } from '../../src/cli/fenced.js';

const signal = new AbortController().signal;
const batch = { dn: 'uni/tn-a', tree: { className: 'fvTenant', attributes: {}, children: [] }, changes: [] };
const POLICY = { node: 'n1' } as Parameters<PolicyStore['put']>[0];

describe('writes of a gateway that may not lead any more', () => {
  let leads: boolean;
  let done: string[];

  const noting =
    <Value>(what: string, value?: Value) =>
    (): Promise<Value> => {
      done.push(what);
      return Promise.resolve(value as Value);
    };
  const store = (): PolicyStore => ({
    put: noting('put'),
    remove: noting('remove'),
    get: noting('get'),
    nodes: noting('nodes'),
    watch: noting('watch'),
    close: noting('close'),
  });
  const apic = (): ApicPort => ({
    post: noting('post'),
    watch: noting('watch'),
    list: noting('list'),
    changesOf: noting('changesOf'),
    requests: () => ({ logins: 0, reads: 0, writes: 0, refreshes: 0 }),
    close: noting('close'),
  });

  beforeEach(() => {
    leads = false;
    done = [];
  });

  const fenced = () => {
    const isLeading = (): boolean => leads;
    const poster: GatewayDelegation['poster'] = { atOnce: 1, post: noting<void>('batch') };
    const delegation = fencedDelegation({ poster, store: store(), trouble: () => undefined }, isLeading);
    return { apic: fencedApic(apic(), isLeading), store: fencedStore(store(), isLeading), delegation };
  };
  const writes = () => {
    const { apic: port, store: policies, delegation } = fenced();
    return [
      () => port.post('uni/tn-a', batch.tree, signal),
      () => policies.put(POLICY),
      () => policies.remove('n1'),
      () => delegation.poster.post(batch, signal),
      () => delegation.store.put(POLICY),
    ];
  };

  it('are refused, each, and are to be tried again by whoever leads', async () => {
    for (const write of writes()) {
      await assert.rejects(write(), { code: 'NOT_LEADING', disposition: 'retry' });
    }
    assert.deepEqual(done, []);
  });

  it('are made while it leads', async () => {
    leads = true;
    for (const write of writes()) await write();
    assert.deepEqual(done, ['post', 'put', 'remove', 'batch', 'put']);
  });

  it('are no matter to who reads', async () => {
    const { apic: port, store: policies } = fenced();
    await port.list({ dn: 'uni/tn-a', classes: [] }, signal);
    await policies.get('n1');
    assert.deepEqual(done, ['list', 'get']);
  });
});

import assert from 'node:assert/strict';
import type { ClusterWriter, PolicyStore } from '#ports';
import type { GatewayDelegation } from '#workers';
import { fencedDelegation, fencedStore, fencedWriter, onlyWhile } from '../../src/cli/fenced.js';

const signal = new AbortController().signal;
const batch = { dn: 'uni/tn-a', tree: { className: 'fvTenant', attributes: {}, children: [] }, changes: [] };
const OBJECT = { apiVersion: 'v1', kind: 'FabricGroup', metadata: { name: 'a' } };
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
  const writer = (): ClusterWriter => ({
    list: noting('list', []),
    apply: noting('apply'),
    applyStatus: noting('applyStatus'),
    remove: noting('remove object'),
  });

  beforeEach(() => {
    leads = false;
    done = [];
  });

  const fenced = () => {
    const mayWrite = onlyWhile(() => leads);
    const poster: GatewayDelegation['poster'] = { atOnce: 1, post: noting<void>('batch') };
    const delegation = fencedDelegation({ poster, store: store(), trouble: () => undefined }, mayWrite);
    return { store: fencedStore(store(), mayWrite), writer: fencedWriter(writer(), mayWrite), delegation };
  };
  const writes = () => {
    const { store: policies, writer: objects, delegation } = fenced();
    return [
      () => policies.put(POLICY),
      () => policies.remove('n1'),
      () => objects.apply(OBJECT, signal),
      () => objects.applyStatus(OBJECT, signal),
      () => objects.remove(OBJECT, signal),
      () => delegation.poster.post(batch, signal, () => undefined),
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
    assert.deepEqual(done, ['put', 'remove', 'apply', 'applyStatus', 'remove object', 'batch', 'put']);
  });

  it('are no matter to who reads', async () => {
    const { store: policies, writer: objects } = fenced();
    await objects.list('FabricGroup', {}, signal);
    await policies.get('n1');
    assert.deepEqual(done, ['list', 'get']);
  });
});

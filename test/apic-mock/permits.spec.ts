import assert from 'node:assert/strict';
import type { AxiosInstance, AxiosResponse } from 'axios';
import type { ApicMock, FlowVerdict } from '#apic-mock';
import { managedObject as object } from '#model/aci';
import { httpClient, startPlain } from './apic-client.js';
import { base, CLIENT, pair, SERVER } from './zoning-objects.js';

describe('apic-mock: questions about flows over HTTP', () => {
  let mock: ApicMock;
  let http: AxiosInstance;

  before(async () => {
    mock = await startPlain({ control: true });
    http = httpClient(mock);
    mock.load(base(pair));
    mock.load(object('fvCEp', { dn: `${CLIENT}/cep-00:50:56:AA:BB:01` }, [object('fvIp', { addr: '10.1.0.7' })]));
  });
  after(() => mock.stop());

  const ask = (question: Readonly<Record<string, unknown>>): Promise<AxiosResponse<FlowVerdict>> =>
    http.post<FlowVerdict>('/mock/permits', question);
  const web = { source: CLIENT, destination: SERVER, protocol: 'tcp', destinationPort: 80 };

  it('gives the verdict, the rule that decides and both groups', async () => {
    const { status, data } = await ask(web);
    const tagOf = (dn: string): string => mock.object(dn)?.attributes.pcTag ?? '';
    const [source, destination] = [tagOf(CLIENT), tagOf(SERVER)];
    const scope = mock.object('uni/tn-t/ctx-v')?.attributes.scope;
    assert.deepEqual(
      [status, data],
      [
        200,
        {
          permitted: true,
          rule: {
            scope,
            source,
            destination,
            action: 'permit',
            priority: 'fully_qual',
            contract: 't:web',
            filter: 'http',
          },
          source: { group: CLIENT, pcTag: source },
          destination: { group: SERVER, pcTag: destination },
        },
      ],
    );
    const denied = await ask({ ...web, destinationPort: 81 });
    assert.deepEqual([denied.data.permitted, denied.data.rule?.priority], [false, 'any_any_any']);
  });

  it('takes the question as a query too, raw or encoded', async () => {
    const reply = `source=${SERVER}&destination=10.1.0.7&protocol=6&sourcePort=80&destinationPort=40000&vrf=uni/tn-t/ctx-v`;
    const asked = async (query: string): Promise<boolean> =>
      (await http.get<FlowVerdict>(`/mock/permits?${query}`)).data.permitted;
    assert.equal(await asked(`${reply}&flags=syn,ack&bridged=no`), true);
    assert.equal(await asked(reply.replace('sourcePort=80', 'sourcePort=81')), false);
    const question = new URLSearchParams({ ...web, destinationPort: '80' });
    assert.equal(await asked(question.toString()), true);
    assert.equal(await asked(`${question.toString()}&laterFragment=yes`), false);
  });

  const wrong: readonly (readonly [string, Readonly<Record<string, unknown>>, RegExp])[] = [
    ['no source', { destination: SERVER, protocol: 'tcp' }, /flow: source: expected an address/],
    ['a group that is none', { ...web, source: 'uni/tn-t' }, /source uni\/tn-t is neither/],
    ['no protocol', { source: CLIENT, destination: SERVER }, /flow: protocol: expected/],
    ['a protocol that is none', { ...web, protocol: 'tpc' }, /protocol tpc/],
    ['a port out of range', { ...web, destinationPort: 65_536 }, /destinationPort: expected a whole number/],
    ['a port as a text', { ...web, destinationPort: 'http' }, /destinationPort: expected a whole number/],
    ['a flag that is none', { ...web, flags: ['urg'] }, /flags: expected some of syn, ack, fin, rst/],
    ['another family', { ...web, family: 5 }, /family: expected 4 or 6/],
    ['an unknown field', { ...web, leaf: 101 }, /unknown field 'leaf'/],
    ['a VRF that is none', { ...web, vrf: 'uni/tn-t/ctx-none' }, /vrf uni\/tn-t\/ctx-none is not/],
    ['a choice that is none', { ...web, bridged: 'perhaps' }, /bridged: expected true or false/],
  ];
  for (const [name, question, expected] of wrong) {
    it(`says what is wrong with ${name}`, async () => {
      const { status, data } = await http.post<{ error: string }>('/mock/permits', question);
      assert.equal(status, 400);
      assert.match(data.error, expected);
    });
  }

  it('says what is wrong with a query', async () => {
    const { status, data } = await http.get<{ error: string }>(
      '/mock/permits?source=a&destination=b&protocol=tcp&family=six',
    );
    assert.deepEqual([status, data.error], [400, 'flow: family: expected 4 or 6, found "six"']);
  });
});

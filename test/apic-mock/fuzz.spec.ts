import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { WebSocket } from 'ws';
import type { ApicMock } from '#apic-mock';
import { classNames, propertiesOf } from '#model/aci';
import { type LoggedIn, loggedIn, startPlain } from './apic-client.js';
import { arbitraryFilter, arbitraryUrl, brokenText, jsonBody, xmlBody } from './fuzz-inputs.js';
import { RawClient } from './raw-client.js';

/** How many made-up inputs each kind gets; the sum is what README.md states. */
const COUNTS = { json: 3500, xml: 2000, others: 500, urls: 2500, filters: 2000, cookies: 1000, frames: 500 } as const;
const SEED = 20_240_611;

/** A form as clients upload it. */
const UPLOAD =
  '--x7\r\nContent-Disposition: form-data; filename="a"\r\n\r\n{"fvTenant":{"attributes":{}}}\r\n--x7--\r\n';

const LOGIN = '/api/aaaLogin';

const JSON_ERROR = /^\{"totalCount":"1","imdata":\[\{"error":\{"attributes":\{"code":"\d+","text":"/;
const XML_ERROR = /^<\?xml version="1\.0" encoding="UTF-8"\?><imdata totalCount="1"><error code="\d+" text="/;

describe('apic-mock: ten thousand bad inputs', () => {
  let mock: ApicMock;
  let client: LoggedIn;
  let raw: RawClient;
  let tried = 0;

  before(async () => {
    mock = await startPlain();
    client = await loggedIn(mock);
    mock.load({ fvTenant: { attributes: { name: 't' }, children: [{ fvAp: { attributes: { name: 'a' } } }] } });
    raw = new RawClient(mock.url);
  });
  after(async () => {
    raw.close();
    await mock.stop();
  });

  const samples = <T>(arbitrary: fc.Arbitrary<T>, count: number): readonly T[] =>
    fc.sample(arbitrary, { numRuns: count, seed: SEED });

  const cookie = (): string => `APIC-cookie=${client.token}`;

  /** Sends a write; an error must have the APIC's form and must have changed nothing at all. */
  async function tryWrite(format: 'json' | 'xml', path: string, body: string): Promise<void> {
    const before = mock.snapshot();
    const { status, text } = await raw.send({ method: 'POST', path: `${path}.${format}`, cookie: cookie(), body });
    tried += 1;
    if (status === 200) return;
    assert.ok(status === 400 || (status === 401 && path === LOGIN), `${status} for ${body}`);
    assert.match(text, format === 'json' ? JSON_ERROR : XML_ERROR, body);
    const after = mock.snapshot();
    assert.equal(after.objects.size, before.objects.size, body);
    for (const [dn, { attributes }] of before.objects) assert.ok(after.objects.get(dn)?.attributes === attributes, dn);
  }

  it(`answers ${COUNTS.json} JSON bodies, and none that is refused changes anything`, async function () {
    this.timeout(120_000);
    const input = fc.tuple(
      fc.constantFrom('/api/mo/uni', '/api/mo/uni/tn-t', '/api/node/mo', '/api/node/mo/uni/tn-t/ap-a'),
      fc.oneof(jsonBody, brokenText(jsonBody)),
    );
    for (const [path, body] of samples(input, COUNTS.json)) await tryWrite('json', path, body);
  });

  it(`answers ${COUNTS.xml} XML bodies, and none that is refused changes anything`, async function () {
    this.timeout(120_000);
    const input = fc.tuple(fc.constantFrom('/api/mo/uni', '/api/mo/uni/tn-t'), fc.oneof(xmlBody, brokenText(xmlBody)));
    for (const [path, body] of samples(input, COUNTS.xml)) await tryWrite('xml', path, body);
  });

  it(`answers ${COUNTS.others} bodies of logins, uploads and changes of oneself`, async function () {
    this.timeout(120_000);
    const input = fc.tuple(
      fc.constantFrom(LOGIN, '/api/ppi/node/mo', '/api/changeSelfX509Cert', '/api/changeSelfPassword'),
      fc.oneof(jsonBody, brokenText(jsonBody), brokenText(fc.constant(UPLOAD))),
    );
    for (const [path, body] of samples(input, COUNTS.others)) await tryWrite('json', path, body);
  });

  /** Sends a read, which may change nothing whatever it is answered. */
  async function tryRead(path: string, given: string): Promise<void> {
    const before = mock.size();
    const { status, text } = await raw.send({ method: 'GET', path, cookie: given });
    tried += 1;
    assert.ok([200, 400, 403, 404, 405].includes(status), `${status} for ${path} ${given}`);
    if (status !== 200 && status !== 404) assert.match(text, text.startsWith('<') ? XML_ERROR : JSON_ERROR, path);
    assert.equal(mock.size(), before);
  }

  it(`answers ${COUNTS.urls} URLs`, async function () {
    this.timeout(120_000);
    for (const url of samples(arbitraryUrl, COUNTS.urls)) await tryRead(url, cookie());
  });

  it(`answers ${COUNTS.filters} filters`, async function () {
    this.timeout(120_000);
    for (const filter of samples(arbitraryFilter, COUNTS.filters)) {
      await tryRead(`/api/class/fvTenant.json?query-target-filter=${encodeURIComponent(filter)}`, cookie());
    }
  });

  it(`answers ${COUNTS.cookies} cookie headers`, async function () {
    this.timeout(120_000);
    const part = fc.oneof(
      fc.constantFrom('APIC-cookie', 'APIC-Certificate-DN', 'APIC-Request-Signature', '=', ';', ' ', ',', '"', '%00'),
      fc.constantFrom('APIC-Certificate-Algorithm=v1.0', 'APIC-Certificate-Fingerprint=fingerprint', 'path=/'),
      fc.base64String({ maxLength: 40 }),
      fc.constant('uni/userext/user-admin/usercert-admin'),
    );
    const header = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));
    for (const given of samples(header, COUNTS.cookies)) await tryRead('/api/mo/uni.json', given);
  });

  it(`outlives ${COUNTS.frames} websocket frames`, async function () {
    this.timeout(120_000);
    let socket: WebSocket | undefined;
    for (const [bytes, binary] of samples(fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.boolean()), COUNTS.frames)) {
      if (socket?.readyState !== WebSocket.OPEN)
        socket = await open(`${mock.url.replace('http', 'ws')}/socket${client.token}`);
      // Every tenth goes past the protocol, to the bytes of the connection.
      if (tried % 10 === 0) (socket as unknown as { _socket: { write(data: Uint8Array): void } })._socket.write(bytes);
      else socket.send(bytes, { binary });
      tried += 1;
    }
    socket?.terminate();
    const { status } = await raw.send({ method: 'GET', path: '/api/mo/uni.json', cookie: cookie() });
    assert.equal(status, 200);
  });

  it('keeps the tree sound through all of that', async () => {
    const answer = await client.http.get<{ totalCount: string }>('/api/mo/uni.json?query-target=subtree');
    const under = classNames()
      .flatMap((name) => mock.objects(name))
      .filter((object) => object.dn.startsWith('uni'));
    assert.equal(answer.data.totalCount, String(under.length));
    for (const { className, attributes } of under) {
      const known = propertiesOf(className);
      assert.deepEqual(
        Object.keys(attributes).filter((property) => known[property] === undefined),
        [],
      );
    }
  });

  it('has tried them all, and is well', async () => {
    assert.equal(
      tried,
      Object.values(COUNTS).reduce((sum, count) => sum + count, 0),
    );
    assert.ok(tried >= 10_000);
    assert.equal(mock.counters().internalErrors, 0);
    const { status, text } = await raw.send({ method: 'GET', path: '/api/mo/uni/tn-t/ap-a.json', cookie: cookie() });
    assert.equal(status, 200, text);
    assert.equal(mock.object('uni')?.className, 'polUni');
  });
});

function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  socket.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('close', () => reject(new Error('the websocket was refused')));
  });
}

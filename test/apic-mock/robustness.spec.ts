import assert from 'node:assert/strict';
import { connect } from 'node:net';
import * as fc from 'fast-check';
import { WebSocket } from 'ws';
import type { ApicMock } from '#apic-mock';
import { classNames, managedObject, propertiesOf } from '#model/aci';
import { errorOf, type LoggedIn, loggedIn, openSocket, startPlain, until } from './apic-client.js';
import { TOKENS } from './fuzz-inputs.js';

const BODIES = 400;
const URLS = 400;
const FILTERS = 300;

/** Sends bytes as they are and gives what comes back before the server closes. */
function sendRaw(mock: ApicMock, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(mock.url);
    const socket = connect(Number(port), hostname, () => socket.end(bytes));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}

describe('apic-mock: bad input', () => {
  let mock: ApicMock;
  let client: LoggedIn;

  before(async () => {
    mock = await startPlain();
    client = await loggedIn(mock);
    mock.load(managedObject('fvTenant', { name: 't' }, [managedObject('fvAp', { name: 'a' })]));
  });
  after(() => mock.stop());

  /** Either a success or an error in the APIC's form; never a fault of the simulator. */
  const requireForm = (status: number, data: unknown, what: string): void => {
    const text = JSON.stringify(data);
    assert.ok([200, 400, 403, 405].includes(status), `${status} for ${what}: ${text}`);
    assert.match(
      text,
      status === 200
        ? /^\{"totalCount":"\d+"/
        : /^\{"totalCount":"1","imdata":\[\{"error":\{"attributes":\{"code":"\d+","text":"/,
      what,
    );
    assert.equal(mock.counters().internalErrors, 0, what);
  };

  const anyName = fc.oneof(
    fc.constantFrom(
      'fvTenant',
      'fvAp',
      'fvAEPg',
      'vzEntry',
      'polUni',
      'attributes',
      'children',
      '__proto__',
      'constructor',
    ),
    fc.string({ maxLength: 8 }),
  );
  const anyValue = fc.oneof(
    fc.constantFrom('', 'created', 'deleted', 'uni/tn-t', 'tn-t', '80', '-1', '[', ']', 'a/b', 'default'),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );
  const attributes = fc.dictionary(
    fc.oneof(fc.constantFrom('name', 'dn', 'rn', 'status', 'descr', 'uid', 'tDn', 'ip', 'childAction'), anyName),
    fc.oneof({ weight: 5, arbitrary: anyValue }, { weight: 1, arbitrary: fc.jsonValue() }),
    { maxKeys: 4 },
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.tuple(anyName, attributes).map(([name, values]) => ({ [name]: { attributes: values } })),
      fc
        .tuple(anyName, attributes, fc.array(tie('tree'), { maxLength: 3 }))
        .map(([name, values, children]) => ({ [name]: { attributes: values, children } })),
      fc.jsonValue(),
    ),
  }));

  it(`answers ${BODIES} made-up bodies in the APIC's form`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('/api/mo/uni.json', '/api/mo/uni/tn-t.json', '/api/node/mo.json', '/api/aaaLogin.json'),
        fc.oneof(
          tree.map((value) => JSON.stringify(value)),
          fc.string({ unit: 'binary', maxLength: 60 }),
          fc.tuple(tree, fc.nat(200)).map(([value, cut]) => JSON.stringify(value).slice(0, cut)),
        ),
        async (url, body) => {
          const answer = await client.http.post<unknown>(url, body, { headers: { 'Content-Type': 'text/plain' } });
          const isLogin = url.includes('aaaLogin') && answer.status === 401;
          requireForm(isLogin ? 403 : answer.status, answer.data, `${url} ${body}`);
        },
      ),
      { numRuns: BODIES },
    );
  });

  it(`answers ${URLS} made-up URLs in the APIC's form`, async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'uni',
        'tn-t',
        'tn-[t]',
        'mo',
        'class',
        'fvTenant',
        '[',
        ']',
        '/',
        '%',
        '%5B',
        'subnet-[10.0.0.1/24]',
      ),
      fc.string({ maxLength: 6 }).filter((text) => !text.includes('..')), // the client itself would resolve these
    );
    const option = fc.tuple(
      fc.constantFrom(
        'query-target',
        'target-subtree-class',
        'rsp-subtree',
        'rsp-subtree-class',
        'order-by',
        'page',
        'page-size',
        'rsp-subtree-include',
        'subscription',
        'refresh-timeout',
        '_dc',
      ),
      fc.oneof(
        fc.constantFrom('subtree', 'children', 'full', 'fvTenant', 'fvTenant.name|desc', '0', '7', 'yes', 'count'),
        fc.string({ maxLength: 6 }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('/api/mo/', '/api/class/', '/api/node/mo/', '/api/node/class/', '/api/'),
        fc.array(piece, { maxLength: 5 }),
        fc.array(option, { maxLength: 3 }),
        async (base, pieces, options) => {
          const path = encodeURI(pieces.join('/')).replace(/[?#]/g, '');
          const query = options.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
          const url = `${base}${path}.json?${query}`;
          const answer = await client.http.get<unknown>(url);
          requireForm(answer.status, answer.data, url);
        },
      ),
      { numRuns: URLS },
    );
  });

  it(`answers ${FILTERS} made-up filters in the APIC's form`, async () => {
    const token = fc.constantFrom(...TOKENS);
    const filter = fc.oneof(
      fc.array(token, { maxLength: 12 }).map((tokens) => tokens.join('')),
      fc.string({ maxLength: 20 }),
    );
    await fc.assert(
      fc.asyncProperty(filter, async (text) => {
        const answer = await client.http.get<unknown>(
          `/api/class/fvTenant.json?query-target-filter=${encodeURIComponent(text)}`,
        );
        requireForm(answer.status, answer.data, text);
      }),
      { numRuns: FILTERS },
    );
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

  it("refuses a body beyond ten megabytes as nginx does, and a tree without end in the API's form", async () => {
    const large = JSON.stringify({ fvTenant: { attributes: { name: 'x', descr: 'y'.repeat(11 * 1024 * 1024) } } });
    const answer = await client.http.post('/api/mo/uni.json', large, { maxBodyLength: Infinity });
    assert.equal(answer.status, 413);
    assert.match(String(answer.data), /<center>Cisco APIC<\/center>/);
    const deep = `${'{"fvTenant":{"attributes":{},"children":['.repeat(5000)}${']}}'.repeat(5000)}`;
    assert.match(errorOf(await client.http.post('/api/mo/uni.json', deep)).text, /deeper than 64 levels/);
    const brackets = await client.http.post('/api/mo/uni.json', '['.repeat(200_000));
    assert.equal(errorOf(brackets).code, '400');
    const filter = `${'not('.repeat(1000)}true()${')'.repeat(1000)}`;
    assert.equal(errorOf(await client.http.get(`/api/class/fvTenant.json?query-target-filter=${filter}`)).code, '301');
  });

  it('outlives broken HTTP, half requests and nonsense on websockets', async () => {
    await sendRaw(mock, 'get /api/mo/uni.json HTTP/1.1\r\n\r\n');
    await sendRaw(mock, 'POST /api/mo/uni.json HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"fv');
    await sendRaw(mock, Buffer.from([0x16, 0x03, 0x01, 0xff, 0x00]));
    await sendRaw(mock, 'GET /socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    const events = await openSocket(mock, client.token);
    events.socket.send('x'.repeat(100_000));
    await until(() => events.closed);
    const raw = new WebSocket(`${mock.url.replace('http', 'ws')}/socket${client.token}`);
    await new Promise((resolve) => raw.once('open', resolve));
    raw.terminate();
    assert.equal((await client.http.get('/api/mo/uni.json')).status, 200);
    assert.equal(mock.counters().internalErrors, 0);
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runAcigw } from '#support/run-command';

describe('acigw status', () => {
  let server: Server;
  let url: string;
  let answer: readonly [status: number, body: object];
  let asked: string[];

  before(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(answer[0], { 'content-type': 'application/json' }).end(JSON.stringify(answer[1]));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    asked = [];
  });
  after(() => server.close());

  it('takes the kind in any case', async () => {
    answer = [200, { object: 'NetworkPolicy/shop/web', phase: 'equal', fabric: [], findings: [] }];
    for (const kind of ['networkpolicy', 'NETWORKPOLICY', 'NetworkPolicy', 'Unheard']) {
      assert.equal((await runAcigw(['status', `${kind}/shop/web`, '--gateway', url])).exitCode, 0);
    }
    const known = '/api/v1/sync?object=NetworkPolicy%2Fshop%2Fweb';
    assert.deepEqual(asked, [known, known, known, '/api/v1/sync?object=Unheard%2Fshop%2Fweb']);
  });

  it('names the URL that is not the API of a gateway', async () => {
    answer = [404, { kind: 'Status', reason: 'NotFound' }];
    for (const args of [['status'], ['status', 'Pod/shop/web'], ['plan'], ['approve', 'hash'], ['approve', '--list']]) {
      const { exitCode, stdout, stderr } = await runAcigw([...args, '--gateway', url]);
      assert.deepEqual([exitCode, stdout], [1, '']);
      assert.ok(stderr.startsWith(`acigw: ${url}/api/v1/`), stderr);
      assert.match(stderr, / answered 404; is it the API of a gateway\?\n$/);
    }
  });

  it('says what the gateway says of an object that nobody knows, and how to name one', async () => {
    answer = [404, { error: 'nobody knows the object' }];
    const { exitCode, stderr } = await runAcigw(['status', 'web', '--gateway', url]);
    assert.equal(exitCode, 1);
    assert.match(stderr, /^acigw: nobody knows the object; expected KIND\/NAMESPACE\/NAME/);
  });
});

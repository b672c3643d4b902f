import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { generate } from 'selfsigned';
import { clusterSource } from '#kubernetes';
import { silentLogger, systemClock } from '#runtime';
import { eventually } from '#support/eventually';
import { RecordingClusterSink } from './recording-cluster-sink.js';
import { ScriptedApiServer, statusBody } from './scripted-api-server.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('kubernetes: kubeconfig', () => {
  let folder: string;
  let stop: AbortController;
  let runs: Promise<void>[];
  let servers: ScriptedApiServer[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acigw-kubeconfig-'));
    stop = new AbortController();
    runs = [];
    servers = [];
  });
  afterEach(async () => {
    stop.abort();
    await Promise.all(runs);
    await Promise.all(servers.map((server) => server.stop()));
    await rm(folder, { recursive: true });
  });

  const certificate = () =>
    generate([{ name: 'commonName', value: 'kubernetes' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    });

  async function serve(...options: ConstructorParameters<typeof ScriptedApiServer>): Promise<ScriptedApiServer> {
    const server = await new ScriptedApiServer(...options).start();
    servers.push(server);
    return server;
  }

  async function writeConfig(cluster: object, user: object): Promise<string> {
    const file = join(folder, 'config');
    const contexts = [{ name: 'here', context: { cluster: 'c', user: 'u' } }];
    const config = {
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user }],
      contexts,
      'current-context': 'here',
    };
    await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'Config', ...config }));
    return file;
  }

  function run(kubeconfig: string, context?: string): RecordingClusterSink {
    const sink = new RecordingClusterSink();
    const source = clusterSource({
      target: context === undefined ? { kubeconfig } : { kubeconfig, context },
      log: silentLogger,
      clock: systemClock(),
      random: () => 0,
      timing: { backoffBaseMs: 20, backoffMaxMs: 100, listTimeoutMs: 3000 },
    });
    runs.push(source.run(sink, stop.signal));
    return sink;
  }

  it('verifies the server, sends the token, and keeps its connections', async () => {
    const { private: key, cert } = await certificate();
    const server = await serve({ key, cert });
    server.pods = Array.from({ length: 20 }, (_, index) => ({ name: `p${index}`, resourceVersion: '1' }));
    const cluster = { server: server.url, 'certificate-authority-data': base64(cert) };
    const sink = run(await writeConfig(cluster, { token: 'abc' }));
    await eventually(() => assert.equal(server.watches.length, 1), 10_000);
    assert.equal(sink.pods.size, 20);
    assert.deepEqual([...new Set(server.seen.map(({ authorization }) => authorization))], ['Bearer abc']);
    assert.ok(server.connections <= 7, `${server.connections} connections for 7 lists and 7 watches`);
  });

  it('never talks to a server whose certificate is not trusted', async () => {
    const { private: key, cert } = await certificate();
    const server = await serve({ key, cert });
    const sink = run(await writeConfig({ server: server.url }, { token: 'abc' }));
    await eventually(() => assert.match(sink.troubles[0] ?? '', /not trusted.*certificate-authority-data/), 10_000);
    assert.equal(server.seen.length, 0);
  });

  it('shows a client certificate', async () => {
    const { private: key, cert } = await certificate();
    const server = await serve({ key, cert, ca: cert, requestCert: true });
    const cluster = { server: server.url, 'certificate-authority-data': base64(cert) };
    const user = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
    const sink = run(await writeConfig(cluster, user));
    await eventually(() => assert.equal(sink.lists, 1), 10_000);
  });

  it('reads the file again when its credentials are refused', async () => {
    const server = await serve();
    server.script = ({ authorization }, response) => {
      if (authorization === 'Bearer new') return false;
      response.writeHead(401).end(statusBody(401, 'Unauthorized', 'Unauthorized'));
      return true;
    };
    const sink = run(await writeConfig({ server: server.url }, { token: 'old' }));
    await eventually(() => assert.match(sink.troubles[0] ?? '', /401.*credentials/), 10_000);
    await writeConfig({ server: server.url }, { token: 'new' });
    await eventually(() => assert.equal(sink.lists, 1));
  });

  it('reads the file again when the server is not there, or shows a certificate of another authority', async () => {
    const [{ private: key, cert }, before] = [await certificate(), await certificate()];
    const server = await serve({ key, cert });
    const sink = run(await writeConfig({ server: 'https://127.0.0.1:9' }, { token: 'abc' }));
    await eventually(() => assert.match(sink.troubles.at(-1) ?? '', /connection refused/), 10_000);
    await writeConfig({ server: server.url, 'certificate-authority-data': base64(before.cert) }, { token: 'abc' });
    await eventually(() => assert.match(sink.troubles.at(-1) ?? '', /not trusted/));
    await writeConfig({ server: server.url, 'certificate-authority-data': base64(cert) }, { token: 'abc' });
    await eventually(() => assert.equal(sink.lists, 1));
  });

  it('says that a command hangs that is to give credentials, and waits for it neither then nor at the end', async () => {
    const server = await serve();
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sleep', args: ['10'] };
    const sink = run(await writeConfig({ server: server.url }, { exec }));
    await eventually(
      () => assert.match(sink.troubles[0] ?? '', /no credentials came within 3 s; does the command/),
      10_000,
    );
    stop.abort();
    const [running] = runs;
    assert.equal(await Promise.race([running?.then(() => 'ended'), delay(2_000, 'goes on')]), 'ended');
  });

  it('names the file and what is wrong with it', async () => {
    const missing = run(join(folder, 'missing'));
    await eventually(() => assert.match(missing.troubles[0] ?? '', /kubeconfig .*missing cannot be read/), 10_000);
    const wrong = run(await writeConfig({ server: 'http://127.0.0.1:1' }, {}), 'there');
    await eventually(() => assert.match(wrong.troubles[0] ?? '', /no context there; it has here/), 10_000);
  });

  const GARBAGE: readonly (readonly [string, RegExp])[] = [
    ['@garbage: hunter2', /cannot be read: it is no YAML, see line 1/],
    ['users:\n- name: u\n  user: {token: hunter2}\n bad', /cannot be read: it is no YAML, see line \d/],
    ['hunter2', /config: it has no current context; is it a kubeconfig\?/],
    ['', /cannot be read: it is no kubeconfig/],
  ];
  for (const [text, says] of GARBAGE) {
    it(`names a file that is no kubeconfig, and shows nothing of it: ${JSON.stringify(text)}`, async () => {
      const file = join(folder, 'config');
      await writeFile(file, text);
      const { troubles } = run(file);
      await eventually(() => assert.equal(troubles.length > 0, true), 10_000);
      const error = troubles.join();
      assert.ok(error.includes(`kubeconfig ${file}`), error);
      assert.match(error, says);
      assert.ok(!error.includes('hunter2'), error);
    });
  }
});

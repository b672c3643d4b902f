import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AxiosInstance, create } from 'axios';
import { generate } from 'selfsigned';
import { WebSocket } from 'ws';
import { type ApicMock, startApicMock } from '#apic-mock';
import { ADMIN, loginBody, type Reply } from './apic-client.js';

const trusting = (mock: ApicMock, ca: string | undefined): AxiosInstance =>
  create({
    baseURL: mock.url,
    validateStatus: () => true,
    headers: { Connection: 'close' },
    httpsAgent: new Agent(ca === undefined ? {} : { ca }),
  });

describe('apic-mock: TLS', () => {
  it('serves HTTPS and secure websockets with a certificate made at start, by default', async () => {
    const mock = await startApicMock({ users: [ADMIN] });
    try {
      assert.match(mock.url, /^https:\/\/127\.0\.0\.1:\d+$/);
      const answer = await trusting(mock, mock.caCertificate).post<Reply>('/api/aaaLogin.json', loginBody());
      assert.equal(answer.status, 200);
      assert.match(answer.headers['set-cookie']?.[0] ?? '', /Secure$/);
      const token = answer.data.imdata[0]?.aaaLogin?.attributes.token ?? '';
      const socket = new WebSocket(`${mock.url.replace('https', 'wss')}/socket${token}`, {
        ca: mock.caCertificate ?? '',
      });
      await new Promise((resolve, reject) => {
        socket.once('open', resolve);
        socket.once('error', reject);
      });
      socket.close();
    } finally {
      await mock.stop();
    }
  });

  it('is refused by a client that does not trust it', async () => {
    const mock = await startApicMock({ users: [ADMIN] });
    try {
      await assert.rejects(trusting(mock, undefined).post('/api/aaaLogin.json', loginBody()), /certificate/);
    } finally {
      await mock.stop();
    }
  });

  it('serves a certificate from files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'apic-mock-'));
    const pems = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    });
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    await Promise.all([writeFile(cert, pems.cert), writeFile(key, pems.private)]);
    const mock = await startApicMock({ users: [ADMIN], tls: { mode: 'files', cert, key } });
    try {
      assert.equal(mock.caCertificate, undefined);
      assert.equal((await trusting(mock, pems.cert).post('/api/aaaLogin.json', loginBody())).status, 200);
    } finally {
      await mock.stop();
      await rm(folder, { recursive: true });
    }
  });

  it('says which file it cannot read, and which port it cannot have', async () => {
    await assert.rejects(startApicMock({ tls: { mode: 'files', cert: '/no/cert.pem', key: '/no/key.pem' } }), /\/no\//);
    const mock = await startApicMock({ tls: { mode: 'none' } });
    try {
      await assert.rejects(
        startApicMock({ tls: { mode: 'none' }, port: Number(new URL(mock.url).port) }),
        /EADDRINUSE/,
      );
    } finally {
      await mock.stop();
    }
  });
});

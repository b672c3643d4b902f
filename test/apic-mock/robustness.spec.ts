import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import type { ApicMock } from '#apic-mock';
import { errorOf, openSocket, until } from './apic-client.js';
import { useApic } from './apic-suite.js';

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

describe('apic-mock: input beyond all bounds', () => {
  const apic = useApic();

  it("refuses a body beyond ten megabytes as nginx does, and a tree without end in the API's form", async () => {
    const large = JSON.stringify({ fvTenant: { attributes: { name: 'x', descr: 'y'.repeat(11 * 1024 * 1024) } } });
    const answer = await apic.http.post('/api/mo/uni.json', large, { maxBodyLength: Infinity });
    assert.equal(answer.status, 413);
    assert.match(String(answer.data), /<center>Cisco APIC<\/center>/);
    const deep = `${'{"fvTenant":{"attributes":{},"children":['.repeat(5000)}${']}}'.repeat(5000)}`;
    assert.match(errorOf(await apic.http.post('/api/mo/uni.json', deep)).text, /deeper than 64 levels/);
    const brackets = await apic.http.post('/api/mo/uni.json', '['.repeat(200_000));
    assert.equal(errorOf(brackets).code, '400');
    const filter = `${'not('.repeat(1000)}true()${')'.repeat(1000)}`;
    assert.equal(errorOf(await apic.http.get(`/api/class/fvTenant.json?query-target-filter=${filter}`)).code, '301');
  });

  it('outlives broken HTTP, half requests and nonsense on websockets', async () => {
    await sendRaw(apic.mock, 'get /api/mo/uni.json HTTP/1.1\r\n\r\n');
    await sendRaw(apic.mock, 'POST /api/mo/uni.json HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"fv');
    await sendRaw(apic.mock, Buffer.from([0x16, 0x03, 0x01, 0xff, 0x00]));
    await sendRaw(apic.mock, 'GET /socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    const events = await openSocket(apic.mock, apic.token);
    events.socket.send('x'.repeat(100_000));
    await until(() => events.closed);
    const raw = new WebSocket(`${apic.mock.url.replace('http', 'ws')}/socket${apic.token}`);
    await new Promise((resolve) => raw.once('open', resolve));
    raw.terminate();
    assert.equal((await apic.http.get('/api/mo/uni.json')).status, 200);
    assert.equal(apic.mock.counters().internalErrors, 0);
  });
});

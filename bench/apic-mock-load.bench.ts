// Objects in, objects held, objects found.
//
// Measured: simulator and client each in a process of its own, plain HTTP with kept connections on loopback.
//   small POSTs   one tenant each, 32 at once                                   at least 3,000 a second
//   batched       100,000 objects (tagAnnotation below fvAEPg), 1,000 a POST    at least 20,000 objects a second
//   held          resident memory with them, after a garbage collection         at most 500 MB
//   query         class query over all of them, wcard filter, ordered page      p50 at most 20 ms
//                 of 500 (asked for by page=N&page-size=500)
//   baseline      the same number of small requests to a bare node:http server in the client's own process; the two
//                 share a core there, so the ratio only says in which region the simulator's cost lies
//
// Found, two cores with other work on them (load 4 to 8): 4,200 to 4,900 small POSTs/s; 38,000 to 42,000 objects/s; 273 to
// 282 MB; query p50 5.6 to 6.4 ms, ordered the same, 8.1 to 9.1 and 6.1 to 6.4 ms of processor time. On the
// idle machine (load 0.6): 7,500 small POSTs/s, 51,900 objects/s, 302 MB, query p50 5.1 ms, ordered 5.2 ms.
// Before filters read columns of values, measured in turns with the above: query p50 16 to 29 ms, 16.3 to 17.0 ms of processor
// time, ordered 14.9 to 15.5. A walk over 100,000 objects spread through memory cost more than the filter; a column is made
// anew when a value of the class has changed. What costs now is the answer: 500 objects copied and written as JSON.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { judge, percentile, timed } from './figures.js';
import { KeepAliveClient } from './keep-alive-client.js';
import { startMockProcess } from './mock-process.js';

const SMALL = 15_000;
const AT_ONCE = 32;
const GROUPS = 100;
const ANNOTATIONS = 1000;

async function bareHttp(): Promise<number> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end('{}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new KeepAliveClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'none', AT_ONCE);
  const took = await timed(() => client.repeat(SMALL, AT_ONCE, () => client.send('POST', '/', '{}')));
  client.close();
  server.close();
  return (SMALL / took) * 1000;
}

const batch = (group: number): string =>
  JSON.stringify({
    fvAEPg: {
      attributes: { name: `g${group}` },
      children: Array.from({ length: ANNOTATIONS - 2 }, (_, index) => ({
        tagAnnotation: { attributes: { key: `k${index}`, value: `v${group}-${index}` } },
      })),
    },
  });

const mock = await startMockProcess();
const client = new KeepAliveClient(mock.url, mock.token, AT_ONCE);
const empty = await mock.memory();
const baseline = await bareHttp();
const post = (index: number): Promise<string> =>
  client.send('POST', '/api/mo/uni.json', `{"fvTenant":{"attributes":{"name":"t${index % 1000}","descr":"${index}"}}}`);
await client.repeat(2000, AT_ONCE, post);
const small = (SMALL / (await timed(() => client.repeat(SMALL, AT_ONCE, post)))) * 1000;
console.log(
  `     bare HTTP: ${baseline.toFixed(0)} requests/s (client and server in one process); ratio ${(small / baseline).toFixed(2)}`,
);
judge('small POSTs a second', small, { atLeast: 3000 });

await client.send('POST', '/api/mo/uni/tn-t0.json', '{"fvAp":{"attributes":{"name":"a"}}}');
const bodies = Array.from({ length: GROUPS }, (_, group) => batch(group));
const batched = await timed(() =>
  client.repeat(GROUPS, 2, (i) => client.send('POST', '/api/mo/uni/tn-t0/ap-a.json', bodies[i])),
);
judge('objects a second in batched POSTs', ((GROUPS * ANNOTATIONS) / batched) * 1000, { atLeast: 20_000 });
const held = await mock.memory();
console.log(`     empty: ${empty} MB`);
judge('MB held with 100,000 objects', held, { atMost: 500 });

const QUERIES: readonly (readonly [string, string])[] = [
  ['filter over 100,000, page of 500', 'query-target-filter=wcard(tagAnnotation.value,"^v4.-7")&page-size=500'],
  [
    'the same, ordered by dn',
    'query-target-filter=wcard(tagAnnotation.value,"^v4.-7")&order-by=tagAnnotation.dn&page-size=500',
  ],
];
for (const [what, query] of QUERIES) {
  const times: number[] = [];
  const before = await mock.cpu();
  for (let round = 0; round < 40; round += 1) {
    const path = `/api/class/tagAnnotation.json?${query}&page=${round % 2}`;
    times.push(await timed(() => client.send('GET', path)));
  }
  judge(`ms p50 for ${what}`, percentile(times, 0.5), { atMost: 20 });
  const cpu = ((await mock.cpu()) - before) / times.length;
  console.log(
    `     p99: ${percentile(times, 0.99).toFixed(1)} ms; processor time of the simulator: ${cpu.toFixed(1)} ms a query`,
  );
}
client.close();
await mock.stop();

import { startApicMock } from '#apic-mock';

/** The process that bench/mock-process.ts starts: one simulator, spoken to by messages. */
const mock = await startApicMock({ tls: { mode: 'none' }, users: [{ name: 'bench', password: 'bench' }] });
process.on('message', (message) => {
  if (message === 'memory') {
    globalThis.gc?.();
    process.send?.({ megabytes: Math.round(process.memoryUsage().rss / 1024 / 1024) });
    return;
  }
  if (message === 'cpu') {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu: (user + system) / 1000 });
    return;
  }
  mock
    .stop()
    .then(() => process.disconnect())
    .catch(() => process.exit(1));
});
process.send?.({ url: mock.url });

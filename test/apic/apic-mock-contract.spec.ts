import { startApicMock } from '#apic-mock';
import { mischiefOf } from './apic-mock-mischief.js';
import { apicPortContract } from './apic-port-contract.js';
import { SetUp } from './client-set-up.js';

const USER = { name: 'gateway', password: 'right' };

for (const format of ['json', 'xml'] as const) {
  apicPortContract(`client over apic-mock in ${format.toUpperCase()}`, async () => {
    const mock = await startApicMock({ users: [USER] });
    const setUp = new SetUp();
    const trust = mock.caCertificate === undefined ? {} : { tls: { ca: mock.caCertificate } };
    return {
      client: (options = {}) => setUp.client(mock.url, { ...trust, format, ...options }),
      mischief: mischiefOf(mock),
      close: async () => {
        await setUp.close();
        await mock.stop();
      },
    };
  });
}

import { type ApicMock, startApicMock } from '#apic-mock';
import { apicPortContract } from './apic-port-contract.js';
import { SetUp } from './client-set-up.js';

const USER = { name: 'gateway', password: 'right' };

apicPortContract('client over apic-mock', async () => {
  const mock = await startApicMock({ users: [USER] });
  const setUp = new SetUp();
  return {
    client: (options = {}) =>
      setUp.client(mock.url, {
        ...(mock.caCertificate === undefined ? {} : { tls: { ca: mock.caCertificate } }),
        ...options,
      }),
    mischief: mischiefOf(mock),
    close: async () => {
      await setUp.close();
      await mock.stop();
    },
  };
});

const mischiefOf = (mock: ApicMock) => ({
  'sockets die': () => mock.killSockets(),
  'sessions end': () => mock.expireTokens(),
  'subscriptions lapse': () => mock.expireSubscriptions(),
  'subscriptions lapse and sockets die': () => {
    mock.expireSubscriptions();
    mock.killSockets();
  },
  'a listing is refused': () => {
    mock.killSockets();
    mock.failNext(1, 503, { method: 'GET', urlContains: 'page-size=2000' });
  },
});

import type { ApicMock } from '#apic-mock';
import type { Mischief } from './apic-port-contract.js';

/** What can go wrong with an APIC, on a simulated one. */
export const mischiefOf = (mock: ApicMock): Mischief => ({
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

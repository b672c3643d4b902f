// Mocha root hooks: one simulated APIC for the whole run, as after its start before each test.
//
//   mocha --require examples/apic-mock/hooks.mjs examples/apic-mock/*.spec.mjs
import { startApicMock } from 'aci-gateway/apic-mock';

let apic;

/** The simulator, for the tests: where it is, and what can be done to it. */
export const simulator = () => apic;

export const mochaHooks = {
  async beforeAll() {
    apic = await startApicMock({ tls: { mode: 'none' }, users: [{ name: 'admin', password: 'for-tests' }] });
  },
  beforeEach() {
    apic.reset();
  },
  async afterAll() {
    await apic.stop();
  },
};

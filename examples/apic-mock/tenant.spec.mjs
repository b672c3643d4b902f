import assert from 'node:assert/strict';
import { simulator } from './hooks.mjs';

/** What you test: anything that speaks to an APIC. */
async function createTenant(url, name) {
  const login = await fetch(`${url}/api/aaaLogin.json`, {
    method: 'POST',
    body: JSON.stringify({ aaaUser: { attributes: { name: 'admin', pwd: 'for-tests' } } }),
  });
  const { token } = (await login.json()).imdata[0].aaaLogin.attributes;
  return fetch(`${url}/api/mo/uni.json`, {
    method: 'POST',
    headers: { Cookie: `APIC-cookie=${token}` },
    body: JSON.stringify({ fvTenant: { attributes: { name } } }),
  });
}

describe('a client of an APIC', () => {
  it('creates a tenant', async () => {
    await createTenant(simulator().url, 'prod');
    assert.equal(simulator().object('uni/tn-prod').attributes.name, 'prod');
  });

  it('begins each test with an empty fabric', () => {
    assert.equal(simulator().object('uni/tn-prod'), undefined);
  });

  it('meets a busy APIC', async () => {
    simulator().plan({ failures: [{ times: 1, status: 503, method: 'POST', urlContains: '/api/mo/' }] });
    assert.equal((await createTenant(simulator().url, 'prod')).status, 503);
  });
});

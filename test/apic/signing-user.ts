import { generate } from 'selfsigned';
import type { ApicMock } from '#apic-mock';

/** A user's certificate on the APIC, and the key that belongs to it, as the client takes them. */
export interface SigningFixture {
  readonly certificate: { readonly name: string; readonly key: string };
}

/** Gives a user of the simulator a certificate and the rights of an administrator. */
export async function loadSigningUser(mock: ApicMock, user: string): Promise<SigningFixture> {
  const pair = await generate([{ name: 'commonName', value: user }], {
    keyType: 'rsa',
    keySize: 2048,
    algorithm: 'sha256',
  });
  const name = `${user}.crt`;
  mock.load({
    aaaUserCert: { attributes: { dn: `uni/userext/user-${user}/usercert-${name}`, name, data: pair.cert } },
  });
  return { certificate: { name, key: pair.private } };
}

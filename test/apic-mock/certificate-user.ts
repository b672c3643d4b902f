import { generate } from 'selfsigned';
import type { LoggedIn, Reply } from './apic-client.js';

/** A user of the APIC who signs requests: PEM of the private key, with the names that requests give. */
export interface CertificateUser {
  readonly user: string;
  readonly certificate: string;
  readonly key: string;
}

const keyPair = (name: string): Promise<{ readonly private: string; readonly cert: string }> =>
  generate([{ name: 'commonName', value: name }], { keyType: 'rsa', keySize: 2048, algorithm: 'sha256' });

/** PEM of a private key that no user of the APIC has. */
export const strangersKey = async (): Promise<string> => (await keyPair('stranger')).private;

/**
 * Makes a user with a certificate over REST, as an administrator does: the public half goes to the APIC. Rejects when the
 * APIC refuses.
 */
export async function makeCertificateUser(admin: LoggedIn, user: string): Promise<CertificateUser> {
  const pair = await keyPair(user);
  const certificate = `${user}.crt`;
  const children = [
    { aaaUserCert: { attributes: { name: certificate, data: pair.cert } } },
    {
      aaaUserDomain: {
        attributes: { name: 'all' },
        children: [{ aaaUserRole: { attributes: { name: 'admin', privType: 'writePriv' } } }],
      },
    },
  ];
  const body = { aaaUser: { attributes: { name: user }, children } };
  const answer = await admin.http.post<Reply>('/api/mo/uni/userext.json', body);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.data));
  return { user, certificate, key: pair.private };
}

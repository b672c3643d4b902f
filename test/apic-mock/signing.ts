import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { generate } from 'selfsigned';

/** A certificate and the key that signs for it. */
export interface Signer {
  readonly certificate: string;
  readonly key: KeyObject;
}

/** A new RSA key with its certificate, in PEM. */
export async function newSigner(commonName: string): Promise<Signer> {
  const pem = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'rsa',
    keySize: 2048,
    algorithm: 'sha256',
  });
  return { certificate: pem.cert, key: createPrivateKey(pem.private) };
}

/** The four cookies of a signed request (apic-protocol.md §1.3); `text` is method, path with query, and body. */
export const signatureCookies = (text: string, key: KeyObject, certificateDn: string): string =>
  [
    `APIC-Request-Signature=${sign('sha256', Buffer.from(text), key).toString('base64')}`,
    'APIC-Certificate-Algorithm=v1.0',
    'APIC-Certificate-Fingerprint=fingerprint',
    `APIC-Certificate-DN=${certificateDn}`,
  ].join('; ');

import { readFile } from 'node:fs/promises';
import { generate } from 'selfsigned';

/** How the simulator is reached: plain HTTP, HTTPS with a certificate made at start, or with one from files. */
export type TlsOption =
  | { readonly mode: 'none' }
  | { readonly mode: 'generated' }
  | { readonly mode: 'files'; readonly cert: string; readonly key: string };

/** Key and certificate in PEM, and the certificate that a client has to trust when it was made here. */
export interface TlsMaterial {
  readonly key: string;
  readonly cert: string;
  readonly caCertificate?: string;
}

/** Gets what the option asks for; undefined for plain HTTP. Throws when a file cannot be read. */
export async function tlsMaterial(option: TlsOption, host: string): Promise<TlsMaterial | undefined> {
  switch (option.mode) {
    case 'none':
      return undefined;
    case 'generated':
      return generated(host);
    default:
      return { key: await readFile(option.key, 'utf8'), cert: await readFile(option.cert, 'utf8') };
  }
}

const isAddress = (host: string): boolean => host.includes(':') || /^[\d.]+$/.test(host);

/** A certificate authority made for this one start, and a certificate of it for the host and for loopback. */
async function generated(host: string): Promise<TlsMaterial> {
  const ca = await generate([{ name: 'commonName', value: 'apic-mock CA' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const addresses = [...new Set(['127.0.0.1', '::1', ...(isAddress(host) ? [host] : [])])];
  const names = [...new Set(['localhost', ...(isAddress(host) ? [] : [host])])];
  const server = await generate([{ name: 'commonName', value: 'apic-mock' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...names.map((value) => ({ type: 2 as const, value })),
          ...addresses.map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
  });
  return { key: server.private, cert: server.cert, caCertificate: ca.cert };
}

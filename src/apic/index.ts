export { createApicClient } from './client.js';
export {
  ApicBusyError,
  ApicLoginRefusedError,
  ApicRejectedError,
  ApicSessionError,
  ApicSocketError,
  ApicTlsUntrustedError,
  ApicUnreachableError,
} from './errors.js';
export type { ApicClientOptions } from './options.js';
export type { ApicTls } from './tls.js';

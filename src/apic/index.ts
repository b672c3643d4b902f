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
export type { ApicClientOptions, ApicTls } from './options.js';

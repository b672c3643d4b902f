import { GatewayError, messageOf } from '#errors';

const SECRET_KEY = /passw|pwd|token|cookie|authorization|secret|privatekey|signature/i;
const DEEPEST = 8;

/**
 * A copy of log fields that is safe to write: what stands under a secret key is masked, at any depth, and an error is
 * its code and message only, since the errors of HTTP clients carry the request with its credentials.
 */
export const masked = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> => maskedObject(fields, 0);

function maskedObject(object: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, SECRET_KEY.test(key) ? '***' : maskedValue(value, depth + 1)]),
  );
}

function maskedValue(value: unknown, depth: number): unknown {
  if (value instanceof Error) {
    return { ...(value instanceof GatewayError ? { code: value.code } : {}), message: messageOf(value) };
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEEPEST) return '…';
  return Array.isArray(value) ? value.map((item) => maskedValue(item, depth + 1)) : maskedObject(value, depth);
}

import type { Fields } from '#model/kubernetes';
import { badRequest } from './api-error.js';
import { type FieldSpec, messageName, messageSpecs } from './message-specs.js';

/** Media type of the API's protobuf form: typed clients, `kubectl create deployment` among them, send it. */
export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** One field as it lies on the wire: a number, or bytes. */
type WireField = readonly [number: number, value: bigint | Buffer];

/** Splits a message into its fields (protobuf encoding: varint, 64-bit, length-delimited and 32-bit). */
function* wireFields(bytes: Buffer): Generator<WireField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at];
      if (byte === undefined || shift > 63n) throw badRequest('the protobuf body ends within a field');
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
  };
  const take = (length: number): Buffer => {
    if (length < 0 || at + length > bytes.length) throw badRequest('the protobuf body ends within a field');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const wire = tag & 7;
    if (wire === 0) yield [tag >>> 3, varint()];
    else if (wire === 2) yield [tag >>> 3, take(Number(varint()))];
    else if (wire === 1) yield [tag >>> 3, take(8)];
    else if (wire === 5) yield [tag >>> 3, take(4)];
    else throw badRequest(`the protobuf body has a field of wire type ${wire}`);
  }
}

const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/**
 * Decodes a body in the API's protobuf form: four bytes `k8s\0`, then a `runtime.Unknown` that names apiVersion and kind
 * and holds the message (API concepts, "Alternate representations"). Throws 400 for what cannot be read.
 */
export function decodeProtobuf(body: Buffer): Fields {
  if (!body.subarray(0, 4).equals(MAGIC)) throw badRequest('the protobuf body does not begin with k8s\\0');
  const unknown = new Map(wireFields(body.subarray(4)));
  const typeMeta = new Map(wireFields(bytesOf(unknown.get(1))));
  const apiVersion = bytesOf(typeMeta.get(1)).toString();
  const kind = bytesOf(typeMeta.get(2)).toString();
  const message = messageName(apiVersion, kind);
  if (message === undefined) {
    throw badRequest(`${kind} in ${apiVersion} is not known in the protobuf form: send it as JSON`);
  }
  return { apiVersion, kind, ...decodeMessage(bytesOf(unknown.get(2)), message) };
}

const bytesOf = (value: bigint | Buffer | undefined): Buffer => (Buffer.isBuffer(value) ? value : Buffer.alloc(0));

function decodeMessage(bytes: Buffer, message: string): Fields {
  const spec = messageSpecs().get(message) ?? new Map<number, FieldSpec>();
  const result: Record<string, unknown> = {};
  for (const [number, raw] of wireFields(bytes)) {
    const field = spec.get(number);
    if (field !== undefined) setField(result, field, raw);
  }
  return result;
}

function setField(result: Record<string, unknown>, field: FieldSpec, raw: bigint | Buffer): void {
  if (field.map) {
    const entry = new Map(wireFields(bytesOf(raw)));
    const held = (result[field.name] ?? {}) as Fields;
    const key = bytesOf(entry.get(1)).toString();
    result[field.name] = { ...held, [key]: decodeValue(entry.get(2) ?? Buffer.alloc(0), field.type) };
    return;
  }
  const value = decodeValue(raw, field.type);
  if (field.embedded) Object.assign(result, value);
  else if (field.repeated) result[field.name] = [...((result[field.name] ?? []) as readonly unknown[]), value];
  else if (field.pointer || !isZero(value)) result[field.name] = value;
}

/** Go writes the zero value of a field that is no pointer, and leaves it out of JSON. */
const isZero = (value: unknown): boolean =>
  value === '' ||
  value === 0 ||
  value === false ||
  value === null ||
  (typeof value === 'object' && Object.keys(value).length === 0);

function decodeValue(raw: bigint | Buffer, type: string): unknown {
  const special = SPECIAL[type];
  if (special !== undefined) return special(bytesOf(raw));
  switch (type) {
    case 'string':
      return bytesOf(raw).toString();
    case 'bytes':
      return bytesOf(raw).toString('base64');
    case 'bool':
      return raw === 1n;
    case 'int32':
    case 'int64':
    case 'uint32':
      return Number(raw);
    default:
      return decodeMessage(bytesOf(raw), type);
  }
}

/** Messages whose JSON form is no object of their fields. */
const SPECIAL: Readonly<Record<string, (bytes: Buffer) => unknown>> = {
  Quantity: (bytes) => bytesOf(new Map(wireFields(bytes)).get(1)).toString(),
  IntOrString: (bytes) => {
    const fields = new Map(wireFields(bytes));
    return fields.get(1) === 1n ? bytesOf(fields.get(3)).toString() : Number(fields.get(2) ?? 0n);
  },
  'meta.Time': timeOf,
  'meta.MicroTime': timeOf,
  RawExtension: (bytes) => JSON.parse(bytesOf(new Map(wireFields(bytes)).get(1)).toString() || 'null') as unknown,
};

/** An RFC 3339 time; null for the zero time. */
function timeOf(bytes: Buffer): string | null {
  const seconds = Number(new Map(wireFields(bytes)).get(1) ?? 0n);
  return bytes.length === 0 || seconds <= 0 ? null : `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

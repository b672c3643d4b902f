import { type Attributes, propertySpec } from '#model/aci';
import type { StoredObject } from '../tree/index.js';

/** Which properties an answer shows (`rsp-prop-include`, apic-protocol.md §2.2). */
export type PropertyInclusion = 'all' | 'naming-only' | 'config-only';

/** One object of an answer with what is shown below it. */
export interface ReplyObject {
  readonly className: string;
  readonly attributes: Attributes;
  readonly children: readonly ReplyObject[];
}

/** Whether the object stands at the top of imdata (with its `dn`) or inside another (with its `rn`). */
export type Position = 'top' | 'nested';

/** Attributes as an answer shows them. Nested objects carry `rn` and no `dn` (apic-protocol.md §2.2, §6.4). */
export function wireAttributes(object: StoredObject, position: Position, inclusion: PropertyInclusion): Attributes {
  const shown = inclusion === 'all' ? object.attributes : selected(object, inclusion);
  const name = position === 'top' ? { dn: object.dn, ...(inclusion === 'all' ? { rn: '' } : {}) } : { rn: object.rn };
  const request = inclusion === 'all' ? { childAction: '', status: '' } : {};
  return { ...request, ...name, ...withoutSecrets(object.className, shown) };
}

function selected(object: StoredObject, inclusion: PropertyInclusion): Attributes {
  const { className, attributes } = object;
  const isRelation = attributes.tCl !== undefined;
  return Object.fromEntries(
    Object.entries(attributes).filter(([property]) => {
      const spec = propertySpec(className, property);
      const isNaming = spec?.createOnly === true;
      if (inclusion === 'naming-only') return isNaming;
      return isNaming || spec?.readonly !== true || (isRelation && property === 'tDn');
    }),
  );
}

const secrets = new Map<string, readonly string[]>();

/** Passwords and keys are written and never read back. */
function withoutSecrets(className: string, attributes: Attributes): Attributes {
  const names = secretsOf(className, attributes);
  return names.length === 0 ? attributes : { ...attributes, ...Object.fromEntries(names.map((name) => [name, ''])) };
}

function secretsOf(className: string, attributes: Attributes): readonly string[] {
  const known = secrets.get(className);
  if (known !== undefined) return known;
  const names = Object.keys(attributes).filter((property) => propertySpec(className, property)?.secure === true);
  secrets.set(className, names);
  return names;
}

/** Attributes with a status, as in events and in answers to `rsp-subtree=modified`. */
export function statusAttributes(object: StoredObject, attributes: Attributes, status: string): Attributes {
  return { childAction: '', dn: object.dn, ...attributes, rn: '', status };
}

import { type Attributes, propertiesOf, propertySpec } from '#model/aci';
import { defaultValue, type StoredObject } from '../tree/index.js';

/** Which properties an answer shows (`rsp-prop-include`, apic-protocol.md §2.2). */
export type PropertyInclusion = 'all' | 'naming-only' | 'config-only' | 'config-explicit' | 'oper';

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
  const shown = withoutSecrets(object.className, inclusion === 'all' ? object.attributes : selected(object, inclusion));
  if (inclusion !== 'all') return position === 'top' ? { dn: object.dn, ...shown } : { rn: object.rn, ...shown };
  // Spreading the object first keeps its shape, which makes the copy several times cheaper.
  if (position === 'top') return { ...shown, dn: object.dn, rn: '', status: '', childAction: '' };
  return { ...shown, rn: object.rn, status: '', childAction: '' };
}

function selected(object: StoredObject, inclusion: PropertyInclusion): Attributes {
  const { className, attributes } = object;
  const entries = Object.entries(attributes).filter(([property, value]) => {
    const spec = propertySpec(className, property);
    // No client sees a secret, not even as empty (the tests of cisco.aci: `userPasswd is undefined`).
    if (spec?.secure === true) return false;
    const isNaming = spec?.createOnly === true;
    if (isNaming || inclusion === 'naming-only') return isNaming;
    const isConfigured = spec?.readonly !== true || (property === 'tDn' && attributes.tCl !== undefined);
    switch (inclusion) {
      case 'oper':
        return !isConfigured;
      case 'config-explicit':
        return isConfigured && (spec === undefined || value !== defaultValue(spec));
      default:
        return isConfigured;
    }
  });
  return Object.fromEntries(entries);
}

const secrets = new Map<string, readonly string[]>();

/** Passwords and keys are written and never read back. */
function withoutSecrets(className: string, attributes: Attributes): Attributes {
  const hidden = secretsOf(className).filter((name) => attributes[name] !== undefined);
  return hidden.length === 0 ? attributes : { ...attributes, ...Object.fromEntries(hidden.map((name) => [name, ''])) };
}

function secretsOf(className: string): readonly string[] {
  const known = secrets.get(className);
  if (known !== undefined) return known;
  const secret = Object.entries(propertiesOf(className)).filter(([, spec]) => spec.secure === true);
  const names = secret.map(([name]) => name);
  secrets.set(className, names);
  return names;
}

/** Attributes with a status, as in events and in answers to `rsp-subtree=modified`. */
export function statusAttributes(object: StoredObject, attributes: Attributes, status: string): Attributes {
  return { ...withoutSecrets(object.className, attributes), dn: object.dn, rn: '', status, childAction: '' };
}

/** An answer: one page of objects, and how many there are in all. */
export interface QueryAnswer {
  readonly totalCount: number;
  readonly objects: readonly ReplyObject[];
}

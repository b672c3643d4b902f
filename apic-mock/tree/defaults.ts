import { type Attributes, canonicalBySpec, classRow, type PropertySpec, propertiesOf } from '#model/aci';

/** Properties that belong to a request or an answer and not to the object. */
export const ENVELOPE_PROPERTIES: ReadonlySet<string> = new Set(['dn', 'rn', 'status', 'childAction']);

const templates = new Map<string, Attributes>();

/**
 * What a new object of the class has before anything is written to it: every property, sorted by name, with its default.
 * Where the model has no default, an APIC shows the zero of the type.
 */
export function defaultAttributes(className: string): Attributes {
  const known = templates.get(className);
  if (known !== undefined) return known;
  const specs = Object.entries(propertiesOf(className)).filter(([name]) => !ENVELOPE_PROPERTIES.has(name));
  const sorted = specs.sort(([a], [b]) => (a < b ? -1 : 1));
  const template = Object.fromEntries(sorted.map(([name, spec]) => [name, defaultValue(spec)]));
  templates.set(className, template);
  return template;
}

/** The default of one property in the APIC's own spelling. */
export function defaultValue(spec: PropertySpec): string {
  return canonicalBySpec(spec, spec.default ?? zeroOf(spec));
}

function zeroOf(spec: PropertySpec): string {
  switch (spec.type) {
    case 'number':
    case 'float':
      return '0';
    case 'bool':
      return 'no';
    case 'enum':
      return spec.values?.[0] ?? '';
    case 'encap':
      return 'unknown';
    default:
      return '';
  }
}

/** Policy that monitors objects of tenants (apic-protocol.md §6.4). */
const TENANT_MONITORING = 'uni/tn-common/monepg-default';

const hasMonitoring = (className: string): boolean => defaultAttributes(className).monPolDn !== undefined;

/** Attributes of a new object at a Dn. */
export function newAttributes(className: string, dn: string, given: Attributes): Attributes {
  const monitored = dn.startsWith('uni/tn-') && hasMonitoring(className) ? { monPolDn: TENANT_MONITORING } : {};
  return { ...defaultAttributes(className), ...monitored, ...given };
}

/** Whether the class's objects carry a creator's number. */
export const hasUid = (className: string): boolean => classRow(className)?.relation?.type !== 'reverse';

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
  const seen = SEEN_DEFAULTS[className];
  const template = Object.fromEntries(
    sorted.map(([name, spec]) => [name, seen?.[name] ?? zeroOfAddress(name, spec) ?? defaultValue(spec)]),
  );
  templates.set(className, template);
  return template;
}

/** Defaults that the metadata does not tell or tells otherwise, as the integration tests of cisco.aci read them on APICs. */
const SEEN_DEFAULTS: Readonly<Record<string, Attributes>> = {
  commRsKeyRing: { tnPkiKeyRingName: 'default' },
  ipNexthopP: { pref: '0' },
  maintMaintGrp: { type: 'range' },
};

/** Names of properties that hold IPv6 addresses, if any: their zero is `::` (aci-model.md: `fvBD.llAddr`; others guessed). */
const IPV6_NAME = /6$|Addr6|Gateway6|^llAddr$/;

/**
 * An address that nobody has set is that of all zeroes: `fvCEp.ip` (apic-protocol.md §6.7), `netflowExporterPol.srcAddr`,
 * `pimRegTrPol.srcIp`, `fvRsDomAtt.ipamDhcpOverride` (tests of cisco.aci). Read-only ones are left to who assigns them.
 */
function zeroOfAddress(name: string, spec: PropertySpec): string | undefined {
  if (spec.type !== 'ip' || spec.default !== undefined || spec.readonly === true || spec.createOnly === true)
    return undefined;
  return IPV6_NAME.test(name) ? '::' : '0.0.0.0';
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

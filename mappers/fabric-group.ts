import { type FlatObject, isFaultActive, parentDn, rnOfDn, splitDn } from '#model/aci';
import { shortHash } from '#model/naming';
import { type FabricGroupKind, groupKindOf } from '#model/settings';

/** An endpoint that the fabric knows in a group. */
export interface GroupEndpoint {
  readonly mac: string;
  readonly addresses: readonly string[];
  /** Dn of the port or bundle that it was seen on. */
  readonly path?: string;
}

/** A fault that holds now. */
export interface GroupFault {
  readonly code: string;
  readonly severity: string;
  readonly cause?: string;
  /** Object that it is on. */
  readonly dn: string;
  readonly message: string;
}

/** A group of the fabric as the `status` of a FabricGroup says it, without its conditions. */
export interface FabricGroupState {
  readonly dn: string;
  readonly kind: FabricGroupKind;
  readonly tenant: string;
  readonly endpointCount: number;
  readonly endpoints: readonly GroupEndpoint[];
  readonly prefixes: readonly string[];
  readonly health?: number;
  readonly faults: readonly GroupFault[];
}

/** Most items of each list in the status (deploy/crds/fabricgroups.yaml): objects in Kubernetes must stay small. */
const LIMITS = { endpoints: 100, addresses: 64, prefixes: 100, faults: 20, message: 1024 } as const;

const SEVERITIES = ['critical', 'major', 'minor', 'warning'];

/**
 * The state of the group at the Dn. `objects` are those at and below the Dn, and endpoints of others that are in it by a
 * selector (an endpoint security group). Undefined for a Dn that is no group's.
 */
export function fabricGroupState(dn: string, objects: Iterable<FlatObject>): FabricGroupState | undefined {
  const kind = groupKindOf(dn);
  if (kind === undefined) return undefined;
  const all = [...objects];
  const ofClass = (className: string): readonly FlatObject[] =>
    all.filter((object) => object.className === className).sort((a, b) => (a.dn < b.dn ? -1 : 1));
  const endpoints = endpointsOf(ofClass('fvCEp'), ofClass('fvIp'), ofClass('fvRsCEpToPathEp'));
  const health = Number(ofClass('healthInst').find((object) => parentDn(object.dn) === dn)?.attributes['cur'] ?? 'NaN');
  return {
    dn,
    kind,
    tenant: splitDn(dn)[1]?.slice('tn-'.length) ?? '',
    endpointCount: endpoints.length,
    endpoints: endpoints.slice(0, LIMITS.endpoints),
    prefixes: ofClass('l3extSubnet')
      .map(({ attributes }) => attributes['ip'] ?? '')
      .sort()
      .slice(0, LIMITS.prefixes),
    ...(Number.isInteger(health) && health >= 0 && health <= 100 ? { health } : {}),
    faults: faultsOf(ofClass('faultInst')),
  };
}

function endpointsOf(
  endpoints: readonly FlatObject[],
  addresses: readonly FlatObject[],
  paths: readonly FlatObject[],
): readonly GroupEndpoint[] {
  const addressesOf = byParent(addresses, 'addr');
  const pathsOf = byParent(paths, 'tDn');
  return endpoints.map(({ dn, attributes }) => {
    const path = pathsOf.get(dn)?.[0];
    return {
      mac: attributes['mac'] ?? attributes['name'] ?? rnOfDn(dn).slice('cep-'.length),
      addresses: (addressesOf.get(dn) ?? []).slice(0, LIMITS.addresses),
      ...(path === undefined ? {} : { path }),
    };
  });
}

/** Values of an attribute by the Dn of the parent. */
function byParent(objects: readonly FlatObject[], attribute: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { dn, attributes } of objects) {
    const parent = parentDn(dn) ?? '';
    const value = attributes[attribute];
    if (value === undefined) continue;
    const list = found.get(parent);
    if (list === undefined) found.set(parent, [value]);
    else list.push(value);
  }
  return found;
}

function faultsOf(faults: readonly FlatObject[]): readonly GroupFault[] {
  const rank = ({ severity }: GroupFault): number => SEVERITIES.indexOf(severity);
  return faults
    .filter(({ attributes }) => isFaultActive(attributes) && SEVERITIES.includes(attributes['severity'] ?? ''))
    .map(({ dn, attributes }): GroupFault => {
      const { code = '', severity = '', cause, descr = '' } = attributes;
      const fault = { code, severity, dn: parentDn(dn) ?? dn, message: descr.slice(0, LIMITS.message) };
      return cause === undefined || cause === '' ? fault : { ...fault, cause: cause.slice(0, 128) };
    })
    .sort((a, b) => rank(a) - rank(b) || (a.dn < b.dn ? -1 : 1))
    .slice(0, LIMITS.faults);
}

const KIND_PREFIX: Readonly<Record<FabricGroupKind, string>> = {
  EndpointGroup: 'epg',
  EndpointSecurityGroup: 'esg',
  ExternalGroup: 'ext',
};

/**
 * Name of the FabricGroup for the group at the Dn: `epg.TENANT.PROFILE.NAME`. Names of ACI have characters that Kubernetes
 * does not take (RFC 1123 subdomains); where one had to be changed the name ends in a hash of the Dn.
 */
export function fabricGroupName(dn: string): string {
  const kind = groupKindOf(dn) ?? 'EndpointGroup';
  const names = splitDn(dn)
    .slice(1)
    .map((rn) => rn.slice(rn.indexOf('-') + 1));
  const labels = names.map((name) =>
    name
      .toLowerCase()
      .replace(/[^a-z0-9-]/g, '-')
      .replace(/^-+|-+$/g, ''),
  );
  const text = [KIND_PREFIX[kind], ...labels.map((label) => (label === '' ? 'x' : label))].join('.');
  return labels.join() === names.join() ? text : `${text}-${shortHash(dn, 8)}`;
}

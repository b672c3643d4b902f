import { canonicalValue, splitDn } from '#model/aci';
import { ApicError } from '../apic-error.js';
import type { StoredObject } from '../tree/index.js';
import { uplinkProblem } from './uplink-rules.js';

/** What is wrong with an object as a whole, or undefined. A text stands for code 1, `Invalid Configuration`. */
type Rule = (object: StoredObject) => string | ApicError | undefined;

const is = (object: StoredObject, property: string, value: string): boolean => object.attributes[property] === value;

const PORTS = ['dFromPort', 'dToPort', 'sFromPort', 'sToPort'];

const entryRules: readonly Rule[] = [
  (entry) => {
    const hasPorts = PORTS.some((port) => !is(entry, port, 'unspecified'));
    return hasPorts && is(entry, 'etherT', 'unspecified') ? 'ports cannot be set with etherT unspecified' : undefined;
  },
  (entry) => {
    const rules = (entry.attributes.tcpRules ?? '').split(',');
    return rules.includes('est') && rules.length > 1 ? 'tcpRules est excludes other rules' : undefined;
  },
  (entry) => portRange(entry, 'dFromPort', 'dToPort') ?? portRange(entry, 'sFromPort', 'sToPort'),
];

function portRange(entry: StoredObject, from: string, to: string): string | undefined {
  const [low, high] = [portNumber(entry, from), portNumber(entry, to)];
  if (low === 0 && high !== 0) return `port range ${from}-${to} cannot start at 0`;
  return low > high ? `${from} is greater than ${to}` : undefined;
}

/** The number of a port that the APIC stores by name. */
function portNumber(entry: StoredObject, property: string): number {
  const text = entry.attributes[property] ?? '';
  if (/^\d+$/.test(text)) return Number(text);
  for (const port of NAMED_PORTS) if (canonicalValue('vzEntry', property, String(port)) === text) return port;
  return 0;
}

const NAMED_PORTS = [20, 22, 25, 53, 80, 110, 443, 554];

const subnetRules: readonly Rule[] = [
  (subnet) => hostSubnetRule(subnet),
  (subnet) => {
    const scope = (subnet.attributes.scope ?? '').split(',');
    return scope.includes('public') && scope.includes('private') ? 'scope public and private are exclusive' : undefined;
  },
];

/** Addresses of one host, which no gateway can have. The text is a guess. */
const HOST_LENGTH = /^[\d.]+\/32$|:.*\/128$/;

const hostSubnetRule: Rule = ({ attributes: { ip = '', ctrl = '' } }) =>
  HOST_LENGTH.test(ip) && !ctrl.split(',').includes('no-default-gateway')
    ? `a subnet of one host needs no-default-gateway: ${ip}`
    : undefined;

/** Names of what a port group is called after may not hold the delimiter between them (tests of cisco.aci). */
const delimiterRule: Rule = ({ dn, attributes: { delimiter = '' } }) => {
  if (delimiter === '') return undefined;
  const names = splitDn(dn)
    .slice(1, 4)
    .map((rn) => rn.slice(rn.indexOf('-') + 1));
  const isUsed = names.some((name) => name.includes(delimiter));
  const text = `Tenant/Application/EPG name contains ${delimiter}. Please use another delimiter or rename`;
  return isUsed ? new ApicError(400, 100, `Validation failed: ${text}`) : undefined;
};

/** Sources that a session of dropped packets cannot have. */
const DROP_OBSTACLES: ReadonlySet<string> = new Set(['spanRsSrcToEpg', 'spanRsSrcToL3extOut']);

const dropRule: Rule = (source) => {
  if (!is(source, 'spanOnDrop', 'yes')) return undefined;
  const isFiltered = source.parent?.children.has('rssrcGrpToFilterGrp') === true;
  const hasObstacle = [...source.children.values()].some(({ className }) => DROP_OBSTACLES.has(className));
  return isFiltered || hasObstacle
    ? new ApicError(400, 105, 'Span on drop not supported for the configuration')
    : undefined;
};

const bridgeDomainRules: readonly Rule[] = [
  (bd) =>
    is(bd, 'unkMacUcastAct', 'proxy') && is(bd, 'multiDstPktAct', 'encap-flood')
      ? 'hardware proxy cannot be combined with flood in encapsulation'
      : undefined,
  (bd) =>
    is(bd, 'unicastRoute', 'no') && is(bd, 'arpFlood', 'no')
      ? 'arpFlood must be enabled when unicastRoute is disabled'
      : undefined,
];

/** Rules between the properties of one object (apic-protocol.md §3.4, the constraints met on a live 6.0(9c)). */
const RULES: Readonly<Record<string, readonly Rule[]>> = {
  vzEntry: entryRules,
  fvSubnet: subnetRules,
  fvBD: bridgeDomainRules,
  fvRsDomAtt: [delimiterRule],
  fvUplinkOrderCont: [uplinkProblem],
  spanSrc: [dropRule],
};

/** Throws code 1, `Invalid Configuration`, or the rule's own for an object whose properties contradict each other. */
export function checkRules(object: StoredObject): void {
  for (const rule of RULES[object.className] ?? []) {
    const problem = rule(object);
    if (problem instanceof ApicError) throw problem;
    if (problem !== undefined) {
      throw new ApicError(400, 1, `Invalid Configuration - ${object.dn}: ${problem}`);
    }
  }
}

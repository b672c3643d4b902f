import { canonicalValue } from '#model/aci';
import { ApicError } from '../apic-error.js';
import type { StoredObject } from '../tree/index.js';

/** What is wrong with an object as a whole, or undefined. */
type Rule = (object: StoredObject) => string | undefined;

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
  (subnet) => {
    const scope = (subnet.attributes.scope ?? '').split(',');
    return scope.includes('public') && scope.includes('private') ? 'scope public and private are exclusive' : undefined;
  },
];

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
};

/** Throws code 1, `Invalid Configuration`, for an object whose properties contradict each other. */
export function checkRules(object: StoredObject): void {
  for (const rule of RULES[object.className] ?? []) {
    const problem = rule(object);
    if (problem !== undefined) {
      throw new ApicError(400, 1, `Invalid Configuration - ${object.dn}: ${problem}`);
    }
  }
}

import assert from 'node:assert/strict';
import { CLIENT_PORT, FabricEvaluator } from '#fabric';
import { epgDn, mapFabric } from '#mappers';
import { flatten } from '#model/aci';
import { type PolicyInputs, snapshotOf } from '#model/kubernetes';
import { type ConnSet, containsAddress, hasPort, type Prefix, type Protocol, parseAddress } from '#model/net';
import { type CompiledPolicy, EMPTY_ALLOCATION, everyPermit, type Finding } from '#model/policy';
import { compile, type Endpoint, type SpecificationState, specificationAllows, specifiedCluster } from '#policy';
import { type FabricPlace, FlowQuestions } from './fabric-flows.js';
import { OWN_FABRIC } from './settings.js';

/** One end of a connection: a pod by `namespace/name`, or an address outside the cluster (then `key` is the address). */
export interface Place {
  readonly key: string;
  readonly ips: readonly string[];
  readonly endpoint: Endpoint;
}

/** One question to all levels: may `source` open protocol/port toward `destination`? */
export interface Probe {
  readonly source: Place;
  readonly destination: Place;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly port: number;
  /** IP family to ask in, for pairs with both; without it the first that both have. */
  readonly family?: 4 | 6;
}

interface Located extends Probe {
  readonly sourceIp: string;
  readonly destinationIp: string;
}

const POOL = { vlanPool: { from: 100, to: 4000 }, foreignEpgs: [] };

/** Whether policies apply to the place: a running pod with an address of its own (policy.md N1). */
export const isPolicyPlace = ({ endpoint }: Place): boolean =>
  endpoint.namespace !== undefined && endpoint.hostNetwork !== true;

/** An address outside the cluster. */
export const outside = (ip: string): Place => ({ key: ip, ips: [ip], endpoint: {} });

/**
 * One cluster on three levels that must agree: the plain specification, the compiled matrix, and the managed objects as
 * leaves would read them (policy.md §4.4). The specification's side is built from the API objects alone.
 */
export class PolicyLevels {
  /** What the compiler has to say about the cluster. */
  readonly findings: readonly Finding[];
  /** All pods by `namespace/name`; hostNetwork and finished ones are outside addresses to every policy. */
  readonly places: ReadonlyMap<string, Place>;
  readonly compiled: CompiledPolicy;
  readonly #objects: PolicyInputs;
  #specification: SpecificationState | undefined;
  readonly #flows: FlowQuestions;
  readonly #permits = new Map<string, ConnSet>();
  readonly #prefixes: readonly { readonly prefix: Prefix; readonly group: string }[];

  constructor(objects: PolicyInputs) {
    const pods = [...objects.pods];
    const policies = [...objects.policies];
    const namespaces = [...objects.namespaces];
    const nodes = [...objects.nodes];
    const tieredPolicies = [...(objects.tieredPolicies ?? [])];
    this.#objects = { namespaces, nodes, pods, policies, tieredPolicies };
    const specified = specifiedCluster({ namespaces, nodes, pods, policies: [] });
    this.places = new Map(
      specified.pods.map(({ key, ips, endpoint, finished }) => [key, { key, ips, endpoint: finished ? {} : endpoint }]),
    );
    this.compiled = compile(
      snapshotOf({ namespaces, nodes, pods, policies, tieredPolicies }, 1),
      EMPTY_ALLOCATION,
      POOL,
    );
    this.findings = this.compiled.findings;
    this.#flows = new FlowQuestions(
      new FabricEvaluator(flatten(mapFabric(this.compiled, OWN_FABRIC).tree, '')),
      `uni/tn-${OWN_FABRIC.tenant.name}/ctx-${OWN_FABRIC.vrf.name}`,
    );
    for (const { source, destination, family, connections } of everyPermit(this.compiled)) {
      for (const one of family === 'ip' ? ['ipv4', 'ipv6'] : [family]) {
        this.#permits.set(`${source}>${destination} ${one}`, connections);
      }
    }
    this.#prefixes = this.compiled.groups
      .flatMap((group) =>
        group.kind === 'pods' ? [] : group.prefixes.map((prefix) => ({ prefix, group: group.name })),
      )
      .sort((a, b) => b.prefix.length - a.prefix.length);
  }

  /** The pod's place. Throws when there is no such pod. */
  place(key: string): Place {
    const place = this.places.get(key);
    assert.ok(place !== undefined, `no pod ${key}`);
    return place;
  }

  /** What the specification says; pairs without a common IP family cannot connect. */
  specification(probe: Probe): boolean {
    const located = locate(probe);
    return located !== undefined && this.#specified(located);
  }

  /** What the compiled matrix says; pairs without a common IP family cannot connect. */
  matrix(probe: Probe): boolean {
    const located = locate(probe);
    return located !== undefined && this.#permitted(located);
  }

  /**
   * Asserts the verdict on all three levels: the specification and the matrix are equal to it; the fabric is equal for
   * TCP; for UDP and SCTP it permits no less, and what it permits more is what a fabric without state has to
   * (policy.md §3.11, UDP_REVERSE and SCTP_PORTS). Answers to an allowed connection pass.
   * The specification says nothing of policies that the API refuses: `refused` leaves it out.
   */
  check(probe: Probe, expected: boolean, { refused = false } = {}): void {
    const located = locate(probe);
    const { source, destination, protocol, port } = probe;
    const text = `${source.key} -> ${destination.key} ${protocol}/${port}`;
    if (located === undefined) {
      assert.equal(expected, false, `${text}: expected open, but the two have no IP family in common`);
      return;
    }
    if (!refused) assert.equal(this.#specified(located), expected, `specification: ${text}`);
    assert.equal(this.#permitted(located), expected, `matrix: ${text}`);
    const [from, to] = [
      this.#fabricPlace(source, located.sourceIp),
      this.#fabricPlace(destination, located.destinationIp),
    ];
    const opens = this.#flows.opens(from, to, protocol, port);
    assert.equal(opens, expected || this.#unavoidable(located), `fabric: ${text}`);
    if (expected) assert.ok(this.#flows.answers(from, to, protocol, port), `fabric, way back: ${text}`);
  }

  #specified(located: Located): boolean {
    const { source, destination, ...rest } = located;
    // Only when it is asked: policies that the API would refuse are none of the specification's.
    this.#specification ??= specifiedCluster(this.#objects).state;
    return specificationAllows(this.#specification, {
      ...rest,
      source: source.endpoint,
      destination: destination.endpoint,
    });
  }

  #permitted({ source, sourceIp, destination, destinationIp, protocol, port }: Located): boolean {
    const permit = this.#permit([source, sourceIp], [destination, destinationIp]);
    return permit !== undefined && hasPort(permit[protocol.toLowerCase() as Protocol], port);
  }

  /** Whether a fabric without state lets the packet pass as an answer to what the destination may open. */
  #unavoidable({ source, sourceIp, destination, destinationIp, protocol }: Located): boolean {
    if (protocol === 'TCP') return false;
    const back = this.#permit([destination, destinationIp], [source, sourceIp]);
    if (protocol === 'UDP') return back !== undefined && hasPort(back.udp, CLIENT_PORT);
    const forward = this.#permit([source, sourceIp], [destination, destinationIp]);
    return [back, forward].some((permit) => permit !== undefined && permit.sctp.length > 0);
  }

  #permit([source, sourceIp]: [Place, string], [destination, destinationIp]: [Place, string]): ConnSet | undefined {
    const [from, to] = [this.#groupOf(source, sourceIp), this.#groupOf(destination, destinationIp)];
    return this.#permits.get(`${from}>${to} ipv${familyOf(sourceIp)}`);
  }

  /** Group of a pod by membership, of an outside address by the longest prefix. */
  #groupOf(place: Place, ip: string): string | undefined {
    const member = this.compiled.membership.get(place.key);
    if (member !== undefined) return member;
    const address = parseAddress(ip);
    return this.#prefixes.find(({ prefix }) => containsAddress(prefix, address))?.group;
  }

  #fabricPlace(place: Place, ip: string): FabricPlace {
    const group = this.compiled.membership.get(place.key);
    return group === undefined ? { ip } : { ip, epg: epgDn(OWN_FABRIC, group) };
  }
}

const familyOf = (ip: string): 4 | 6 => (ip.includes(':') ? 6 : 4);

/** The addresses that the probe runs between: of the family asked for, else of the first one that both ends have. */
function locate(probe: Probe): Located | undefined {
  for (const sourceIp of probe.source.ips) {
    if (probe.family !== undefined && familyOf(sourceIp) !== probe.family) continue;
    const destinationIp = probe.destination.ips.find((ip) => familyOf(ip) === familyOf(sourceIp));
    if (destinationIp !== undefined) return { ...probe, sourceIp, destinationIp };
  }
  return undefined;
}

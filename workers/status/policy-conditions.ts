import { isDeepStrictEqual } from 'node:util';
import { type ObjectMap } from '#model/aci';
import { type KubernetesObject, objectName } from '#model/kubernetes';
import type { Finding } from '#model/policy';
import { type Clock, type ClusterWriter, type Logger, STATUS_KINDS, type StatusKind, WRITE_ERRORS } from '#ports';
import { type Condition, conditionsOf, timedConditions } from '../inventory/conditions.js';
import { type WriteTiming, WriteTrouble } from '../inventory/write-trouble.js';
import { dnOf, objectsOf } from './finding-objects.js';
import { reasonOf } from './finding-teller.js';

/** What the worker for conditions needs. */
export interface PolicyConditionsContext {
  readonly writer: ClusterWriter;
  /**
   * `Kind/name` of the policies of the tiers around NetworkPolicy, `FabricPolicy/namespace/name` of those. NetworkPolicies
   * themselves have no status.
   */
  readonly policies: () => Iterable<string>;
  readonly fabric: () => ObjectMap;
  readonly timing: WriteTiming;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Type of our condition on policies; others add theirs beside it. */
export const PROGRAMMED = 'aci-gateway.io/Programmed';

/** Type of the condition on FabricPolicies that says whether they were granted what they ask for. */
export const GRANTED = 'Granted';

/** Most characters of a condition's message that we use; the API takes 32,768. */
const MESSAGE_LIMIT = 2000;

/** Says on each AdminNetworkPolicy, BaselineAdminNetworkPolicy and ClusterNetworkPolicy whether it is in force, and why not. */
export class PolicyConditions {
  readonly #context: PolicyConditionsContext;
  readonly #trouble: WriteTrouble;
  /** The policies with their conditions as Kubernetes has them, as far as we know, by `Kind/name`. */
  readonly #there = new Map<string, KubernetesObject>();

  constructor(context: PolicyConditionsContext) {
    this.#context = context;
    this.#trouble = new WriteTrouble('conditions of policies cannot be written', context.timing, context.log);
  }

  /** Why conditions cannot be written, in words; undefined when they can. */
  get trouble(): string | undefined {
    return this.#trouble.reason;
  }

  /**
   * Writes what differs; milliseconds until another try makes sense, undefined when all is written. Never rejects but when
   * aborted.
   */
  async run(findings: readonly Finding[], signal: AbortSignal): Promise<number | undefined> {
    const names = [...this.#context.policies()];
    const about = this.#findingsByPolicy(findings);
    try {
      await this.#readNew(names, signal);
      for (const name of names) await this.#put(name, conditionsFor(name, about.get(name) ?? []), signal);
    } catch (error) {
      signal.throwIfAborted();
      this.#there.clear();
      this.#trouble.failed(error);
    }
    const left = new Set(names);
    for (const name of this.#there.keys()) if (!left.has(name)) this.#there.delete(name);
    return this.#trouble.endRound();
  }

  #findingsByPolicy(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
    const fabric = this.#context.fabric();
    const found = new Map<string, Finding[]>();
    for (const finding of findings) {
      if (finding.severity === 'info') continue;
      for (const object of objectsOf(finding, fabric)) {
        const list = found.get(object);
        if (list === undefined) found.set(object, [finding]);
        else list.push(finding);
      }
    }
    return found;
  }

  /** Reads the policies of kinds of which there is one that we have not read. */
  async #readNew(names: readonly string[], signal: AbortSignal): Promise<void> {
    const kinds = new Set(names.filter((name) => !this.#there.has(name)).map((name) => name.split('/')[0]));
    for (const kind of STATUS_KINDS.filter((known) => kinds.has(known))) {
      for (const object of await this.#list(kind, signal)) this.#there.set(objectName(object), object);
    }
  }

  #list(kind: StatusKind, signal: AbortSignal): Promise<readonly KubernetesObject[]> {
    return this.#context.writer.list(kind, {}, signal);
  }

  async #put(name: string, conditions: readonly Condition[], signal: AbortSignal): Promise<void> {
    const { writer, clock } = this.#context;
    const known = this.#there.get(name);
    if (known === undefined) return;
    const before = conditionsOf(known);
    const timed = timedConditions(conditions, before, clock.now());
    if (timed.every((condition) => before.some((said) => isDeepStrictEqual(said, condition)))) return;
    const { apiVersion, kind, metadata } = known;
    const others = before.filter(({ type }) => timed.every((condition) => condition.type !== type));
    try {
      await writer.applyStatus({ apiVersion, kind, metadata, status: { conditions: timed } }, signal);
      this.#there.set(name, { ...known, status: { conditions: [...others, ...timed] } });
    } catch (error) {
      signal.throwIfAborted();
      // Deleted meanwhile: nothing is left to say anything on.
      if (isGone(error)) this.#there.delete(name);
      else this.#trouble.failed(error);
    }
  }
}

const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === WRITE_ERRORS.notFound;

/** What a policy's conditions say: of a FabricPolicy also whether it was granted what it asks for. */
function conditionsFor(name: string, findings: readonly Finding[]): readonly Condition[] {
  const programmed = programmedOf(findings);
  if (!name.startsWith('FabricPolicy/')) return [programmed];
  const refused = findings.filter(({ code }) => code === 'FABRIC_POLICY_DENIED' || code.startsWith('INVALID_'));
  const [first] = refused;
  if (first === undefined) {
    return [{ type: GRANTED, status: 'True', reason: 'Granted', message: 'the gateway grants all of it' }, programmed];
  }
  const message = refused.map(textOf).join('; ').slice(0, MESSAGE_LIMIT);
  return [{ type: GRANTED, status: 'False', reason: reasonOf(first.code), message }, programmed];
}

function programmedOf(findings: readonly Finding[]): Condition {
  const [worst] = [...findings].sort((a, b) => rank(a) - rank(b));
  if (worst === undefined) {
    const message = 'the fabric and the hosts enforce the policy';
    return { type: PROGRAMMED, status: 'True', reason: 'Programmed', message };
  }
  const message = findings.map(textOf).join('; ').slice(0, MESSAGE_LIMIT);
  const status = worst.severity === 'error' ? 'False' : 'True';
  return { type: PROGRAMMED, status, reason: reasonOf(worst.code), message };
}

const rank = ({ severity }: Finding): number => (severity === 'error' ? 0 : 1);

function textOf(finding: Finding): string {
  const dn = dnOf(finding);
  return dn === undefined ? `${finding.code}: ${finding.message}` : `${finding.code} on ${dn}: ${finding.message}`;
}

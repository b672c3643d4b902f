import { isDeepStrictEqual } from 'node:util';
import { type ObjectMap } from '#model/aci';
import { type KubernetesObject, objectName } from '#model/kubernetes';
import type { Finding } from '#model/policy';
import { type Clock, type ClusterWriter, type Logger, STATUS_KINDS, type StatusKind, WRITE_ERRORS } from '#ports';
import { type Condition, conditionsOf, timedConditions } from '../inventory/conditions.js';
import { isRefused, type WriteTiming, WriteTrouble } from '../inventory/write-trouble.js';
import type { UpTiming } from '../up-timing.js';
import { objectsOf } from './finding-objects.js';
import { namespaceConditions, PROGRAMMED, policyConditions } from './said-conditions.js';

/** What the worker for conditions needs. */
export interface ObjectConditionsContext {
  readonly writer: ClusterWriter;
  /**
   * `Kind/name` of the policies of the tiers around NetworkPolicy, `FabricPolicy/namespace/name` of those. NetworkPolicies
   * themselves have no status.
   */
  readonly policies: () => Iterable<string>;
  /** Names of the namespaces. */
  readonly namespaces: () => Iterable<string>;
  /** Objects that went since the last call, by their names; undefined stands for any. */
  readonly removed: () => ReadonlySet<string> | undefined;
  readonly fabric: () => ObjectMap;
  readonly timing: Pick<UpTiming, 'auditMs'> & WriteTiming;
  readonly clock: Clock;
  readonly log: Logger;
}

const NAMESPACE = 'Namespace/';

/**
 * Says on each policy that has a status whether it is in force, and why not; and on a namespace what is wrong with what was made
 * for it, and later that nothing is any more. Most namespaces never have anything said of them.
 */
export class ObjectConditions {
  readonly #context: ObjectConditionsContext;
  readonly #trouble: WriteTrouble;
  /** The objects with their conditions as Kubernetes has them, as far as we know, by `Kind/name`. */
  readonly #there = new Map<string, KubernetesObject>();
  /** Objects of which the last write failed, and was perhaps done all the same. */
  readonly #doubted = new Set<string>();
  /** Kinds whose status the gateway's account may not write, with since when that is known. */
  readonly #forbidden = new Map<string, { readonly at: number; readonly error: unknown }>();
  /** Whether the conditions that an earlier run left on namespaces were read. */
  #isReadBack = false;
  #readAt = Number.NEGATIVE_INFINITY;
  /** Namespaces that were not among those that were read: only their pods speak of them. */
  readonly #absent = new Set<string>();

  constructor(context: ObjectConditionsContext) {
    this.#context = context;
    this.#trouble = new WriteTrouble('conditions cannot be written', context.timing, context.log);
  }

  /** Why conditions cannot be written, in words; undefined when they can. */
  get trouble(): string | undefined {
    return this.#trouble.reason;
  }

  /**
   * Writes what differs; milliseconds until another try makes sense, undefined when all is written. Never rejects but when
   * aborted.
   *
   * @param inForce policies that something can be said of; all of them when not given
   */
  async run(
    findings: readonly Finding[],
    signal: AbortSignal,
    inForce?: ReadonlySet<string>,
  ): Promise<number | undefined> {
    const { policies, namespaces } = this.#context;
    const about = this.#findingsByObject(findings);
    const ofNamespaces = [...namespaces()].map((name) => `${NAMESPACE}${name}`);
    const names = [...policies()];
    this.#forgetNowAndThen();
    // What was perhaps said on a namespace has to be taken back when there is nothing to say any more.
    const mayBeSaid = (name: string): boolean => about.has(name) || this.#doubted.has(name);
    try {
      await this.#readNew([...names, ...ofNamespaces.filter(mayBeSaid)], signal);
      for (const name of names) {
        if (inForce?.has(name) === false) continue;
        await this.#put(name, policyConditions(name, about.get(name) ?? []), signal);
      }
      for (const name of ofNamespaces) {
        if (!mayBeSaid(name) && !this.#isMarked(name)) continue;
        await this.#put(name, namespaceConditions(about.get(name) ?? []), signal);
      }
    } catch (error) {
      signal.throwIfAborted();
      this.#there.clear();
      this.#isReadBack = false;
      this.#trouble.failed(error);
    }
    const left = new Set([...names, ...ofNamespaces]);
    for (const known of [this.#there, this.#absent, this.#doubted]) {
      for (const name of known.keys()) if (!left.has(name)) known.delete(name);
    }
    return this.#trouble.endRound();
  }

  /** What is made anew under its name is another object; and others may take away what was said: it is read again now and then. */
  #forgetNowAndThen(): void {
    const { clock, timing, removed } = this.#context;
    const gone = removed();
    for (const name of gone ?? []) for (const known of [this.#there, this.#absent, this.#doubted]) known.delete(name);
    if (gone !== undefined && clock.uptime() - this.#readAt < timing.auditMs) return;
    this.#readAt = clock.uptime();
    this.#absent.clear();
    // Where nothing was ever said on a namespace, nothing can be missing on one.
    if ([...this.#there.keys()].some((name) => name.startsWith(NAMESPACE) && this.#isMarked(name))) {
      this.#isReadBack = false;
    }
    this.#there.clear();
  }

  /** Whether we have said anything on the object. */
  #isMarked(name: string): boolean {
    return conditionsOf(this.#there.get(name)).some(({ type }) => type === PROGRAMMED);
  }

  #findingsByObject(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
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

  /** Reads the objects of kinds of which there is one that we have not read. */
  async #readNew(names: readonly string[], signal: AbortSignal): Promise<void> {
    const isNew = (name: string): boolean => !this.#there.has(name) && !this.#absent.has(name);
    const kinds = new Set(names.filter(isNew).map((name) => name.split('/')[0]));
    if (!this.#isReadBack) kinds.add('Namespace');
    for (const kind of STATUS_KINDS.filter((known) => kinds.has(known))) {
      for (const object of await this.#list(kind, signal)) this.#there.set(objectName(object), bare(object));
    }
    this.#isReadBack = true;
    for (const name of names) if (name.startsWith(NAMESPACE) && !this.#there.has(name)) this.#absent.add(name);
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
    const isSaid = timed.every((condition) => before.some((said) => isDeepStrictEqual(said, condition)));
    if (isSaid && !this.#doubted.has(name)) return;
    const { apiVersion, kind, metadata } = known;
    const others = before.filter(({ type }) => timed.every((condition) => condition.type !== type));
    const refusal = this.#refusalOf(kind);
    if (refusal !== undefined) {
      this.#trouble.failed(refusal);
      return;
    }
    try {
      await writer.applyStatus({ apiVersion, kind, metadata, status: { conditions: timed } }, signal);
      this.#there.set(name, { ...known, status: { conditions: [...others, ...timed] } });
      this.#doubted.delete(name);
    } catch (error) {
      signal.throwIfAborted();
      if (!isRefused(error)) this.#doubted.add(name);
      // Deleted meanwhile: nothing is left to say anything on.
      if (hasCode(error, WRITE_ERRORS.notFound)) this.#there.delete(name);
      else this.#trouble.failed(error);
      if (hasCode(error, WRITE_ERRORS.forbidden)) this.#forbidden.set(kind, { at: clock.uptime(), error });
    }
  }

  /** Why nothing is written to objects of the kind for now: what one of them was refused for, all the others would be. */
  #refusalOf(kind: string): unknown {
    const { clock, timing } = this.#context;
    const known = this.#forbidden.get(kind);
    if (known === undefined) return undefined;
    return clock.uptime() - known.at < timing.refusedAgainMs ? known.error : undefined;
  }
}

/** What is needed to write to its status. */
const bare = ({ apiVersion, kind, metadata: { name, namespace }, status }: KubernetesObject): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  status,
});

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

import { isDeepStrictEqual } from 'node:util';
import { type FabricGroupState, fabricGroupName, fabricGroupState } from '#mappers';
import { fieldsAt, type KubernetesObject, withoutUndefined } from '#model/kubernetes';
import type { GroupPattern } from '#model/settings';
import type { Clock, ClusterWriter, Logger, WorkOutcome } from '#ports';
import type { UpTiming } from '../up-timing.js';
import { type Condition, conditionsOf, timedConditions } from './conditions.js';
import type { InventoryMirror } from './inventory-mirror.js';
import { SecurityGroupMembers } from './security-group-members.js';
import { isRefused, type WriteTiming, WriteTrouble } from './write-trouble.js';

/** What the worker for FabricGroups needs. */
export interface FabricGroupsContext {
  readonly mirror: InventoryMirror;
  /** Whether the fabric's configuration is known: without it a group of ours cannot be told from others. */
  readonly isFabricKnown: () => boolean;
  readonly writer: ClusterWriter;
  readonly patterns: readonly GroupPattern[];
  /** Whether the group at the Dn is one of ours: those are no foreign groups. */
  readonly isOwn: (dn: string) => boolean;
  readonly clusterId: string;
  readonly timing: Pick<UpTiming, 'staleMs' | 'auditMs'> & WriteTiming;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Milliseconds between two looks at whether the configuration is known. */
const LOOK_MS = 1000;

/** A group as it should be in Kubernetes. */
interface WantedGroup {
  readonly name: string;
  readonly state: FabricGroupState;
}

/**
 * Keeps one FabricGroup for each selected group of the fabric. One is made or changed when the fabric says so, and deleted
 * only on proof: a complete picture, followed live, in which the group is not there (DESIGN.md §6.3).
 */
export class FabricGroups {
  readonly #context: FabricGroupsContext;
  readonly #trouble: WriteTrouble;
  readonly #states = new Map<string, FabricGroupState>();
  readonly #members = new SecurityGroupMembers();
  /** What each object was last found to say already, so that it is not looked at again. */
  readonly #done = new Map<string, { readonly state: FabricGroupState; readonly isFresh: boolean }>();
  /** Objects of which the last write failed, and was perhaps done all the same. */
  readonly #doubted = new Set<string>();
  /** What Kubernetes holds, by name; undefined when it has to be read. */
  #there: Map<string, KubernetesObject> | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #lostAt: number | undefined;
  #known = false;
  #saidLost = false;

  constructor(context: FabricGroupsContext) {
    this.#context = context;
    this.#trouble = new WriteTrouble('FabricGroup objects cannot be written', context.timing, context.log);
  }

  /** Groups of the fabric that are told to Kubernetes, by Dn. */
  get states(): ReadonlyMap<string, FabricGroupState> {
    return this.#states;
  }

  /** Why objects cannot be written, in words; undefined when they can. */
  get trouble(): string | undefined {
    return this.#trouble.reason;
  }

  /** Brings the objects up to date. Never rejects but when aborted: a failure here stops nothing else. */
  async run(signal: AbortSignal): Promise<WorkOutcome> {
    const { mirror, isFabricKnown, clock, timing } = this.#context;
    if (!this.#known && mirror.trusted && !isFabricKnown()) return { againAfterMs: LOOK_MS };
    if (mirror.trusted) this.#takeIn();
    this.#lostAt = mirror.trusted ? undefined : (this.#lostAt ?? clock.uptime());
    this.#sayLost();
    try {
      if (this.#known) await this.#write(signal);
      else if (!this.#isFresh()) await this.#sayStale(signal);
    } catch (error) {
      signal.throwIfAborted();
      this.#there = undefined;
      // Whoever selects nothing needs neither the definition nor the permission.
      if (this.#context.patterns.length > 0 || !isRefused(error)) this.#trouble.failed(error);
    }
    const tryAgainMs = this.#trouble.endRound() ?? timing.auditMs;
    return {
      againAfterMs: this.#isFresh() && this.#lostAt !== undefined ? Math.min(tryAgainMs, timing.staleMs) : tryAgainMs,
    };
  }

  /** Says once that the inventory is not followed, when that lasts. */
  #sayLost(): void {
    const { mirror, log } = this.#context;
    const isLost = !this.#isFresh();
    if (isLost && !this.#saidLost) log.warn({ reason: mirror.trouble }, 'the inventory of the fabric is not followed');
    this.#saidLost = isLost;
  }

  /** Reads the groups that changed out of the mirror; gives whether any did. */
  #takeIn(): boolean {
    const { mirror } = this.#context;
    const changed = mirror.takeChanged();
    const groups = new Set(this.#known ? changed : mirror.holders());
    this.#known = true;
    const affected = Array.from(groups, (dn) => [...this.#members.update(dn, mirror.heldBy(dn))]).flat();
    for (const dn of new Set([...groups, ...affected])) this.#takeInGroup(dn);
    return groups.size > 0;
  }

  #takeInGroup(dn: string): void {
    const { mirror, patterns, isOwn } = this.#context;
    const held = mirror.heldBy(dn);
    const isSelected = held.has(dn) && patterns.some(({ expression }) => expression.test(dn)) && !isOwn(dn);
    const objects = isSelected ? [...held.values(), ...this.#members.of(dn, (holder) => mirror.heldBy(holder))] : [];
    const state = isSelected ? fabricGroupState(dn, objects) : undefined;
    if (state === undefined) this.#states.delete(dn);
    else this.#states.set(dn, state);
  }

  async #write(signal: AbortSignal): Promise<void> {
    const { clock, timing } = this.#context;
    if (this.#there === undefined || clock.uptime() - this.#readAt >= timing.auditMs) await this.#read(signal);
    for (const group of this.#wanted()) await this.#tried(group.name, signal, () => this.#put(group, signal));
    await this.#removeGone(signal);
  }

  #wanted(): readonly WantedGroup[] {
    const { isOwn } = this.#context;
    const others = [...this.#states.values()].filter(({ dn }) => !isOwn(dn));
    return others.map((state) => ({ name: fabricGroupName(state.dn), state }));
  }

  /** Deletes the objects of groups that are gone. The fabric changes while others are written: the proof is asked for before each. */
  async #removeGone(signal: AbortSignal): Promise<void> {
    const { mirror, patterns } = this.#context;
    const namesNow = (): ReadonlySet<string> => new Set(this.#wanted().map(({ name }) => name));
    let names = namesNow();
    for (const [name, object] of this.#there ?? []) {
      // Without a pattern nothing of the fabric decides; with one, only a picture that is complete is proof.
      if (!mirror.trusted && patterns.length > 0) return;
      if (mirror.trusted && this.#takeIn()) names = namesNow();
      if (!names.has(name)) await this.#tried(name, signal, () => this.#remove(name, object, signal));
    }
  }

  /** Nothing was heard of the fabric since the start: what an earlier run wrote stays, and is said not to be current. */
  async #sayStale(signal: AbortSignal): Promise<void> {
    if (this.#there === undefined) await this.#read(signal);
    for (const [name, object] of this.#there ?? []) {
      const before = conditionsOf(object);
      const others = before.filter(({ type }) => type !== 'Current');
      const conditions = timedConditions([this.#current(), ...others], before, this.#context.clock.now());
      const stale = { ...object, status: { ...fieldsAt(object, 'status'), conditions } };
      if (isDeepStrictEqual(object['status'], stale.status) && !this.#doubted.has(name)) continue;
      await this.#tried(name, signal, async () => {
        await this.#context.writer.applyStatus(stale, signal);
        this.#there?.set(name, stale);
      });
    }
  }

  /** One object that cannot be written does not stop the others. */
  async #tried(name: string, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#doubted.delete(name);
    } catch (error) {
      signal.throwIfAborted();
      if (!isRefused(error)) this.#doubted.add(name);
      this.#trouble.failed(error);
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { writer, clock } = this.#context;
    const objects = await writer.list('FabricGroup', this.#labels(), signal);
    this.#there = new Map(objects.map((object) => [object.metadata.name, object]));
    this.#readAt = clock.uptime();
    this.#done.clear();
    this.#doubted.clear();
  }

  async #put({ name, state }: WantedGroup, signal: AbortSignal): Promise<void> {
    const { writer, clock } = this.#context;
    const known = this.#there?.get(name);
    const done = this.#done.get(name);
    const isSure = known !== undefined && !this.#doubted.has(name);
    if (isSure && done?.state === state && done.isFresh === this.#isFresh()) return;
    const conditions = timedConditions(this.#conditionsOf(state), conditionsOf(known), clock.now());
    const status = withoutUndefined({ ...state, conditions });
    if (isSure && isDeepStrictEqual(known['status'], status)) {
      this.#done.set(name, { state, isFresh: this.#isFresh() });
      return;
    }
    const object: KubernetesObject = {
      apiVersion: 'aci-gateway.io/v1alpha1',
      kind: 'FabricGroup',
      metadata: { name, labels: this.#labels() },
    };
    if (!isSure) await writer.apply(object, signal);
    await writer.applyStatus({ ...object, status }, signal);
    this.#there?.set(name, { ...object, ...known, status });
    this.#context.log.debug({ name, dn: state.dn }, 'wrote a FabricGroup');
  }

  async #remove(name: string, object: KubernetesObject, signal: AbortSignal): Promise<void> {
    await this.#context.writer.remove(object, signal);
    this.#there?.delete(name);
    this.#context.log.info({ name }, 'deleted the FabricGroup of a group that is gone');
  }

  #conditionsOf({ faults }: FabricGroupState): readonly Condition[] {
    const worst = faults.find(({ severity }) => severity === 'critical' || severity === 'major');
    const healthy: Condition =
      worst === undefined
        ? { type: 'Healthy', status: 'True', reason: 'NoFault', message: 'no critical or major fault' }
        : {
            type: 'Healthy',
            status: 'False',
            reason: worst.code,
            message: `${worst.code} (${worst.severity}) on ${worst.dn}: ${worst.message}`,
          };
    return [this.#current(), healthy];
  }

  #current(): Condition {
    if (this.#isFresh()) {
      const message = 'the status is what the APIC says now';
      return { type: 'Current', status: 'True', reason: 'FabricFollowed', message };
    }
    const why = this.#context.mirror.trouble ?? 'the fabric cannot be followed';
    const message = `the status is what was known last: ${why}`;
    return { type: 'Current', status: 'False', reason: 'FabricNotFollowed', message };
  }

  /** Whether the fabric is followed, or was until a moment ago. */
  #isFresh(): boolean {
    const { clock, timing } = this.#context;
    return this.#lostAt === undefined || clock.uptime() - this.#lostAt < timing.staleMs;
  }

  #labels(): Readonly<Record<string, string>> {
    return {
      'app.kubernetes.io/managed-by': 'aci-gateway',
      'aci-gateway.io/cluster-id': this.#context.clusterId,
    };
  }
}

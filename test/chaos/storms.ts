import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Commit, Snapshot } from '#apic-mock';
import { hasAncestorIn } from '#fabric';
import { flatten, MARK_KEYS, type ManagedObject, parentDn } from '#model/aci';
import { eventually } from '#support/eventually';
import { runAcigw } from '#support/run-command';
import { ChaosStack, CLUSTER, TENANT, type VrfPlace } from './chaos-stack.js';
import { Dice } from './dice.js';
import { allowed, every, KeptFlows } from './kept-flows.js';
import { MISCHIEF, type Mischief } from './mischief.js';
import { Weather } from './weather.js';
import { fabricObjects, Wire } from './wire.js';

/** How long and how wild it is. */
export interface StormOptions {
  readonly seed: number;
  readonly vrf: VrfPlace;
  /** Whether one more storm is to come after so many. */
  readonly goOn: (storms: number) => boolean;
  /** Told of each storm that was survived. */
  readonly log: (line: string) => void;
}

/** What was gone through. */
export interface StormTally {
  readonly storms: number;
  readonly changes: number;
  /** Transactions of the fabric after each of which every kept connection was asked about. */
  readonly commits: number;
  readonly flows: number;
  /** Of those, how many while one of the pods was on its way to another VLAN. */
  readonly moving: number;
  /** How often each kind of trouble was survived. */
  readonly survived: ReadonlyMap<string, number>;
}

const CONVERGE_MS = 60_000;
/** As long as the gateway gives the hosts to follow, and a little more. */
const FOLLOW_MS = 1500;

/** What an admin and another gateway have in the fabric: nobody may touch it. */
const FOREIGN = {
  polUni: {
    attributes: {},
    children: [
      {
        fvTenant: {
          attributes: { name: 'admins', descr: 'of other people' },
          children: [
            { fvAp: { attributes: { name: 'apps' }, children: [{ fvAEPg: { attributes: { name: 'web' } } }] } },
            {
              vzBrCP: {
                attributes: { name: 'k8s-other', annotation: 'orchestrator:aci-gateway' },
                children: [{ tagAnnotation: { attributes: { key: 'aci-gateway-owner', value: 'other' } } }],
              },
            },
          ],
        },
      },
      {
        fvTenant: {
          attributes: { name: 'common' },
          children: [
            { fvCtx: { attributes: { name: 'shared' } } },
            {
              l3extOut: {
                attributes: { name: 'shared' },
                children: [{ l3extRsEctx: { attributes: { tnFvCtxName: 'shared' } } }],
              },
            },
            { vzFilter: { attributes: { name: 'chaos_of-an-admin' } } },
          ],
        },
      },
    ],
  },
} as const;
/** What the fabric makes of the gateway's objects beside those of others: back relations, rules of filters, faults. */
const COMES_AND_GOES = /\/(rt|rs)[A-Za-z]+(-|$)|\/fp-\d+|\/(fault|fltCnts|health)/;

/**
 * Lets storms go over a gateway, one after the other: random changes of the cluster while random things go wrong. At every
 * transaction of the fabric the connections must pass that the policies have allowed all along; after each storm fabric and
 * policies must be equal, nothing of ours be left over, and nothing foreign be touched. Throws AssertionError with the seed.
 */
export async function runStorms({ seed, vrf, goOn, log }: StormOptions): Promise<StormTally> {
  const stack = await ChaosStack.start(vrf, FOREIGN);
  const storms = new Storms(stack, new Dice(seed));
  try {
    await storms.begin();
    while (goOn(storms.tally.storms)) log(await storms.next());
    await storms.end();
    return storms.tally;
  } catch (error) {
    throw new Error(`seed ${seed}, VRF ${vrf}, storm ${storms.tally.storms + 1}: ${String(error)}`, { cause: error });
  } finally {
    await stack.stop();
  }
}

class Storms {
  readonly #stack: ChaosStack;
  readonly #dice: Dice;
  readonly #weather: Weather;
  readonly #kept = new KeptFlows();
  readonly #violations: string[] = [];
  readonly #survived = new Map<string, number>();
  #foreign: readonly string[] = [];
  #past: Snapshot;
  #counts = { storms: 0, changes: 0, commits: 0, flows: 0, moving: 0 };
  #doing = 'nothing yet';
  /** The last transactions, for whoever looks for the cause. */
  readonly #lately: string[] = [];

  constructor(stack: ChaosStack, dice: Dice) {
    this.#stack = stack;
    this.#dice = dice;
    this.#weather = new Weather(stack.kube.url, dice);
    this.#past = stack.apic.snapshot();
  }

  get tally(): StormTally {
    return { ...this.#counts, survived: this.#survived };
  }

  async begin(): Promise<void> {
    this.#foreign = this.#foreignNow();
    this.#past = this.#stack.apic.snapshot();
    await this.#weather.begin();
    await this.#converge();
    this.#stack.apic.onCommit((commit) => this.#look(commit));
  }

  /** One storm; gives a line about it. */
  async next(): Promise<string> {
    const troubles = Array.from({ length: this.#dice.between(1, 4) }, () => this.#dice.pick(MISCHIEF));
    this.#doing = troubles.map(({ name }) => name).join(', ');
    const past = this.#past;
    this.#past = this.#stack.apic.snapshot();
    for (const trouble of troubles) {
      await this.#changes(this.#dice.between(0, 3));
      await this.#trouble(trouble, past);
      await this.#changes(this.#dice.between(0, 3));
    }
    this.#stack.apic.endFaults();
    await this.#converge();
    for (const { name } of troubles) this.#survived.set(name, (this.#survived.get(name) ?? 0) + 1);
    this.#counts.storms += 1;
    return `storm ${this.#counts.storms}: ${this.#doing}`;
  }

  /** The proof by the command line, and that a gateway that starts anew has nothing to write. */
  async end(): Promise<void> {
    await this.#stack.killGateway();
    const before = this.#stack.apic.requestLog().length;
    await this.#stack.startGateway();
    await this.#converge();
    const written = this.#stack.apic
      .requestLog()
      .slice(before)
      .filter(({ method, url }) => method === 'POST' && url.startsWith('/api/mo/'));
    assert.deepEqual(written, [], 'a restart writes nothing');
    const manifests = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: await this.#weather.objects() });
    const args = ['verify', '--from', '-', '--config', this.#stack.configuration, '--apic', this.#stack.apic.url];
    const { exitCode, stdout, stderr } = await runAcigw(args, manifests);
    assert.equal(exitCode, 0, `${stdout}${stderr}`);
  }

  async #trouble(trouble: Mischief, past: Snapshot): Promise<void> {
    if (trouble.breaks === true) this.#kept.suspend();
    await trouble.make({ stack: this.#stack, dice: this.#dice, past });
  }

  async #changes(count: number): Promise<void> {
    for (let made = 0; made < count; made += 1) {
      await this.#weather.change((forecast) => this.#kept.coming(forecast));
      this.#counts.changes += 1;
      await delay(this.#dice.between(0, 60));
    }
  }

  /** Called between any two transactions of the fabric. */
  #look(commit: Commit): void {
    this.#counts.commits += 1;
    this.#lately.push(`${this.#counts.commits}: ${commitText(commit)}`);
    if (this.#lately.length > 12) this.#lately.shift();
    if (this.#kept.size === 0) return;
    const before = this.#violations.length;
    const wire = this.#wire();
    for (const flow of this.#kept.flows()) {
      if (!wire.has(flow.source) || !wire.has(flow.destination)) continue;
      const { source, destination, port } = flow;
      this.#counts.flows += 1;
      // Hosts do not follow in the same moment: one pod is on the VLAN of its new group, the other not yet on that of its own.
      if ([source, destination].some((pod) => this.#stack.isMoving(pod, FOLLOW_MS))) this.#counts.moving += 1;
      if (wire.passes(flow)) continue;
      const places = `${wire.epgOf(source) ?? 'no EPG'} to ${wire.epgOf(destination) ?? 'no EPG'}`;
      this.#violations.push(`commit ${this.#counts.commits}: ${source} to ${destination} TCP/${port}, ${places}`);
    }
    if (before === 0 && this.#violations.length > 0) this.#violations.unshift(...this.#lately);
  }

  async #converge(): Promise<void> {
    await eventually(async () => {
      const status = await this.#stack.status();
      assert.ok(status.converged, status.waitingFor.join('; '));
      assert.deepEqual(await this.#stack.open(), []);
      const objects = await this.#weather.objects();
      this.#assertEqual(objects);
      this.#kept.settle(objects);
    }, CONVERGE_MS);
    assert.deepEqual(
      this.#violations.slice(0, 20),
      [],
      `${this.#violations.length} connections were cut during ${this.#doing}`,
    );
    const foreign = this.#foreignNow();
    const differing = [
      ...foreign.filter((line) => !this.#foreign.includes(line)),
      ...this.#foreign.filter((line) => !foreign.includes(line)),
    ];
    assert.deepEqual(differing, [], `something foreign was touched during ${this.#doing}`);
  }

  /** Every TCP connection between two pods passes if and only if the policies allow it, where the hosts have put the pods. */
  #assertEqual(objects: Parameters<typeof allowed>[0]): void {
    const wire = this.#wire();
    const expected = allowed(objects);
    const pods = objects
      .filter(({ kind }) => kind === 'Pod')
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    for (const pod of pods) assert.ok(wire.epgOf(pod) !== undefined, `${pod} is in no EPG`);
    for (const flow of every(pods)) {
      const { source, destination, port } = flow;
      const text = `${source} ${destination} ${port}`;
      if (wire.epgOf(source) === undefined) continue;
      assert.equal(wire.opens(flow), expected.has(text), text);
      // Between groups what lets answers back may be filters of its own.
      if (expected.has(text)) assert.ok(wire.passes(flow), `${text}: the answers`);
    }
  }

  #wire(): Wire {
    return new Wire(fabricObjects(this.#stack.apic, TENANT), this.#stack.slices());
  }

  /** What is foreign, a line an object, but for the times and counters of the APIC. */
  #foreignNow(): readonly string[] {
    const trees = ['uni/tn-admins', 'uni/tn-common'].map((dn) => this.#stack.apic.tree(dn) as ManagedObject);
    const objects = trees.flatMap((tree) => flatten(tree, 'uni'));
    const ours = objects.filter(({ className, attributes: { key, value } }) => isMark(className, key, value));
    const roots = new Set(ours.map(({ dn }) => parentDn(dn) ?? dn));
    const others = objects.filter(({ dn }) => !roots.has(dn) && !hasAncestorIn(roots, dn) && !COMES_AND_GOES.test(dn));
    return others.map(({ dn, attributes }) => `${dn} ${JSON.stringify({ ...attributes, modTs: '' })}`);
  }
}

const isMark = (className: string, key: string | undefined, value: string | undefined): boolean =>
  className === 'tagAnnotation' && key === MARK_KEYS.owner && value === CLUSTER;

/** What a transaction did to what the gateway may write, marks and operational objects left out. */
function commitText({ created, modified, deleted }: Commit): string {
  const own = (dns: readonly string[], sign: string): readonly string[] =>
    dns
      .filter((dn) => WRITTEN.test(dn))
      .filter((dn) => !/annotationKey-|\/fault-|\/(rs(bd|domAtt|custQosPol)|rt[A-Z])|health/.test(dn))
      .map((dn) => `${sign}${dn.replace(`uni/tn-${TENANT}/`, '').replace('uni/tn-', '')}`);
  return [...own(created, '+'), ...own(modified, '~'), ...own(deleted, '-')].join(' ');
}

const WRITTEN = new RegExp(
  `^uni/tn-${TENANT}/|^uni/tn-common/((brc|flt)-${CLUSTER}_|ctx-shared/any|out-)|rsfuncToEpg-`,
);

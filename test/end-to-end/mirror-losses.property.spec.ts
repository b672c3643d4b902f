import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { createApicClient } from '#apic';
import { type ApicMock, startApicMock } from '#apic-mock';
import { type FlatObject, isWithin, type ManagedObject, managedObject } from '#model/aci';
import type { ApicPort, FabricScope } from '#ports';
import { silentLogger, systemClock } from '#runtime';
import { eventually } from '#support/eventually';
import { FabricMirror } from '../../workers/fabric-mirror.js';

const ROOT = 'uni/tn-storm';
const SCOPE: FabricScope = { dn: ROOT, classes: ['fvTenant', 'fvAp', 'fvAEPg', 'fvRsBd', 'faultInst'] };
const ALL_CLASSES = `target-subtree-class=${SCOPE.classes.join(',')}&`;
const USER = { name: 'gateway', password: 'right' };
const NAMES = ['a', 'b', 'c', 'd'] as const;

/** A client that failed many times in a row may wait so long before it tries again. */
const LONGEST_BACKOFF_MS = 75_000;

/** One step of a storm: something changes in the fabric, or something goes wrong on the way to it. */
type Step = readonly [kind: keyof Storm['steps'], name: (typeof NAMES)[number], number: number];

const epg = (name: string, more = {}): ManagedObject => managedObject('fvAEPg', { name, ...more });
const tree = (...children: readonly ManagedObject[]): ManagedObject =>
  managedObject('fvTenant', { name: 'storm' }, [managedObject('fvAp', { name: 'p' }, children)]);

/** An APIC in a storm, with a client and the mirror that it fills, and what must be true of the mirror at every moment. */
class Storm {
  readonly mirror: FabricMirror;
  readonly broken: string[] = [];
  lists = 0;
  readonly #mock: ApicMock;
  readonly #client: ApicPort;
  readonly #stop = new AbortController();
  readonly #watching: Promise<void>;
  /** When the objects that exist now were first seen to. */
  readonly #born = new Map<string, number>();

  constructor(mock: ApicMock) {
    this.#mock = mock;
    this.#client = createApicClient({
      urls: mock.urls,
      user: USER.name,
      password: USER.password,
      ...(mock.caCertificate === undefined ? {} : { tls: { ca: mock.caCertificate } }),
      timeoutMs: 2000,
      refreshTimeoutSeconds: 1,
      relistMs: 150,
      doubtMs: 50,
      log: silentLogger,
      clock: systemClock(),
      random: () => 0.5,
    });
    this.mirror = new FabricMirror(() => undefined, silentLogger);
    const { mirror } = this;
    const sink = {
      replaced: (objects: readonly FlatObject[]) => {
        mirror.replaced(objects);
        this.lists += 1;
        this.#checkList();
      },
      changed: mirror.changed.bind(mirror),
      lost: mirror.lost.bind(mirror),
      knows: mirror.knows.bind(mirror),
    };
    this.#watching = this.#client.watch([SCOPE], sink, this.#stop.signal);
  }

  /** What can happen. A write that an APIC does not answer may have been done or not; it is not tried again here. */
  readonly steps = {
    write: (name: string, number: number) => this.#post([epg(name, { descr: `d${number}` })]),
    remove: (name: string) => this.#post([epg(name, { status: 'deleted' })]),
    'write many': (name: string) => this.#post(NAMES.map((other) => epg(`${name}${other}`))),
    'somebody writes': (name: string, number: number) =>
      this.#mock.load({ fvTenant: { attributes: { name: 'storm', descr: `${name}${number}` } } }),
    'everything goes': () => this.#post([], { status: 'deleted' }),
    'back to an older state': () => this.#rollBack(),
    'sockets die': () => this.#mock.killSockets(),
    'tokens end': () => this.#mock.expireTokens(),
    'subscriptions lapse': () => this.#mock.expireSubscriptions(),
    'events get lost': (_: string, number: number) => this.#mock.dropEvents(number),
    'events come twice': (_: string, number: number) => this.#mock.plan({ duplicateEvents: number }),
    'events change places': (_: string, number: number) => this.#mock.plan({ reorderEvents: number }),
    'it is busy': (_: string, number: number) => this.#mock.failNext(number, 503),
    'it forgets who asks': () => this.#mock.failNext(1, 403, { urlContains: '/api/mo' }),
    'it counts and shows nothing': () => this.#mock.plan({ emptyAnswers: 1 }),
    'time passes': (_: string, number: number) => new Promise((resolve) => setTimeout(resolve, number * 30)),
    'it is slow': (_: string, number: number) => this.#mock.setLatency(number),
    'the other controller takes over': () => this.#restart(),
  };

  async step([kind, name, number]: Step): Promise<void> {
    await this.steps[kind](name, number);
    this.#observe();
  }

  /**
   * Ends what goes wrong, and waits until the mirror holds exactly what the fabric does; then once more after a change that
   * no event tells, which only a list can.
   */
  async calm(): Promise<void> {
    this.#mock.endFaults();
    await this.#isTrue();
    this.#mock.dropEvents(1);
    this.steps['somebody writes']('unheard', this.lists);
    this.#mock.endFaults();
    await this.#isTrue();
  }

  async #isTrue(): Promise<void> {
    await eventually(() => {
      assert.ok(this.mirror.trusted, this.mirror.trouble);
      assert.deepEqual(contents(this.mirror), contents(this.#truth()));
    }, LONGEST_BACKOFF_MS);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
    await this.#client.close();
  }

  #older: ReturnType<ApicMock['snapshot']> | undefined;

  #rollBack(): void {
    const older = this.#older ?? this.#mock.snapshot();
    this.#older = this.#mock.snapshot();
    this.#mock.restore(older);
  }

  async #restart(): Promise<void> {
    await this.#mock.failController(0);
    this.#observe();
    await this.#mock.recoverController(0);
  }

  async #post(groups: readonly ManagedObject[], more: Record<string, string> = {}): Promise<void> {
    const root = tree(...groups);
    const whole = {
      ...root,
      attributes: { ...root.attributes, ...more },
      children: more['status'] ? [] : root.children,
    };
    try {
      await this.#client.post('uni', whole, AbortSignal.timeout(500));
    } catch {
      // As the storm wants it.
    }
  }

  /** The objects of the scope that the fabric has now. */
  #fabric(): readonly FlatObject[] {
    return SCOPE.classes.flatMap((name) => this.#mock.objects(name)).filter(({ dn }) => isWithin(dn, ROOT));
  }

  /** A mirror that was told the truth. */
  #truth(): FabricMirror {
    const truth = new FabricMirror(() => undefined, silentLogger);
    truth.replaced(this.#fabric());
    return truth;
  }

  #observe(): void {
    const now = new Set(this.#fabric().map(({ dn }) => dn));
    for (const dn of this.#born.keys()) if (!now.has(dn)) this.#born.delete(dn);
    for (const dn of now) if (!this.#born.has(dn)) this.#born.set(dn, this.#mock.now());
  }

  /**
   * What existed before the request for the list was answered, and has existed since, is in the mirror when the list is:
   * nothing that is there is ever missing from a picture that is trusted, but what came after its list and whose event
   * was lost.
   */
  #checkList(): void {
    this.#observe();
    // A listing begins with a request for all classes, whatever follows.
    const isFirst = ({ url }: { readonly url: string }): boolean =>
      url.includes(ALL_CLASSES) && !url.includes('subscription');
    const asked = this.#mock.requestLog().findLast(isFirst);
    for (const [dn, since] of this.#born) {
      if (asked === undefined || since >= asked.time || this.mirror.knows(dn)) continue;
      this.broken.push(`${dn} is missing in list ${this.lists}, though it exists`);
    }
  }
}

/** What the mirror holds. When it was said is kept of the first time that it was. */
const contents = (mirror: FabricMirror): unknown =>
  Object.fromEntries(
    [...mirror.objects.values(), ...mirror.faults.values()]
      .map(({ dn, attributes: { modTs: _time, ...attributes } }) => [dn, attributes] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

const KINDS: readonly Step[0][] = [
  ...(['write', 'write', 'write', 'remove', 'remove', 'write many', 'somebody writes', 'everything goes'] as const),
  ...(['back to an older state', 'sockets die', 'tokens end', 'subscriptions lapse', 'events get lost'] as const),
  ...(['events come twice', 'events change places', 'it is busy', 'it forgets who asks'] as const),
  ...([
    'time passes',
    'time passes',
    'time passes',
    'it counts and shows nothing',
    'it is slow',
    'the other controller takes over',
  ] as const),
];

describe('a mirror in a storm', () => {
  it('misses nothing that existed when it was listed, and holds exactly what the fabric does when it is over', async function () {
    this.timeout(300_000);
    let lists = 0;
    const steps = fc.array(
      fc.tuple(fc.constantFrom(...KINDS), fc.constantFrom(...NAMES), fc.integer({ min: 1, max: 4 })),
      { minLength: 20, maxLength: 40 },
    );
    const property = fc.asyncProperty(steps, async (storm) => {
      const mock = await startApicMock({ users: [USER], controllers: 2, tokenSeconds: 2, tls: { mode: 'none' } });
      const under = new Storm(mock);
      try {
        for (const one of storm) await under.step(one);
        await under.calm();
        assert.deepEqual(under.broken, []);
        lists += under.lists;
      } finally {
        await under.close();
        await mock.stop();
      }
    });
    await fc.assert(property, { numRuns: 12, seed: 20_261_128, endOnFailure: true });
    assert.ok(lists >= 24, `${lists} lists: the storms did something`);
  });
});

import fc from 'fast-check';
import { type Batch, type Change, type FabricPlan, type SharedMap } from '#fabric';
import { childDn, type FlatObject, MARK_KEYS, markDn, type ObjectMap, ORCHESTRATOR } from '#model/aci';
import type { FabricMirror } from '../../workers/fabric-mirror.js';

/** Something that happens to a fabric; numbers choose among what there is. */
export interface FabricEvent {
  readonly what: keyof typeof HAPPENINGS;
  readonly at: number;
  readonly how: number;
}

interface Scene {
  readonly fabric: FabricMirror;
  readonly desired: ObjectMap;
  readonly plan: FabricPlan;
}

type Happening = (scene: Scene, event: FabricEvent) => void;

const created = (fabric: FabricMirror, className: string, dn: string, attributes: Record<string, string>): void =>
  fabric.changed({ kind: 'created', className, dn, attributes });

const pick = (objects: ObjectMap, at: number, accepts: (object: FlatObject) => boolean = () => true): FlatObject[] => {
  const some = [...objects.values()].filter(accepts).sort((a, b) => (a.dn < b.dn ? -1 : 1));
  return some.length === 0 ? [] : [some[at % some.length] as FlatObject];
};

const mark = (fabric: FabricMirror, dn: string, owner: string): void =>
  created(fabric, 'tagAnnotation', markDn(dn, MARK_KEYS.owner), { key: MARK_KEYS.owner, value: owner });

const isRoot =
  (objects: ObjectMap) =>
  ({ dn }: FlatObject): boolean =>
    objects.has(markDn(dn, MARK_KEYS.owner));

const OWNERS = ['test', 'another'];

/** What an APIC, its admins and other gateways do to the fabric of cluster `test` in tenant `k8s`. */
const HAPPENINGS = {
  /** The gateway posts the next batches of its plan. */
  post: ({ fabric, plan }, { at }) => {
    for (const { changes } of batchesOf(plan).slice(0, 1 + (at % 6))) fabric.applied(changes);
  },
  postAll: ({ fabric, plan }) => {
    for (const { changes } of batchesOf(plan)) fabric.applied(changes);
  },
  remove: ({ fabric }, { at }) => {
    for (const { className, dn } of pick(fabric.objects, at))
      fabric.changed({ kind: 'deleted', className, dn, attributes: {} });
  },
  modify: ({ fabric }, { at, how }) => {
    for (const { className, dn, attributes } of pick(fabric.objects, at)) {
      const names = Object.keys(attributes).filter((name) => name !== 'annotation' || how % 3 === 0);
      const name = names[how % Math.max(1, names.length)];
      if (name !== undefined)
        fabric.changed({ kind: 'modified', className, dn, attributes: { [name]: `other-${how % 3}` } });
    }
  },
  /** Somebody else makes an object that we want, or gives one of ours another owner. */
  take: ({ fabric, desired }, { at, how }) => {
    for (const { className, dn, attributes } of pick(desired, at, isRoot(desired))) {
      created(fabric, className, dn, { ...attributes, descr: 'not yours' });
      if (how % 2 === 0) mark(fabric, dn, OWNERS[how % 4 === 0 ? 1 : 0] ?? '');
    }
  },
  unmark: ({ fabric }, { at }) => {
    const isMark = ({ dn }: FlatObject): boolean => dn.endsWith(`[${MARK_KEYS.owner}]`);
    for (const { className, dn } of pick(fabric.objects, at, isMark))
      fabric.changed({ kind: 'deleted', className, dn, attributes: {} });
  },
  /** An object that nobody wants, with something below it and somebody's mark or none. */
  stray: ({ fabric }, { at, how }) => {
    const dn = `uni/tn-k8s/ap-k8s-test/epg-stray-${at % 3}`;
    const annotation = ORCHESTRATOR;
    created(fabric, 'fvAEPg', dn, { name: `stray-${at % 3}`, annotation });
    created(fabric, 'fvRsProv', `${dn}/rsprov-c`, { tnVzBrCPName: 'c', annotation });
    if (how % 3 !== 0) mark(fabric, dn, OWNERS[how % 3 === 1 ? 0 : 1] ?? '');
  },
  /** Somebody else configures something below an object of ours, or the APIC makes something there. */
  hang: ({ fabric }, { at, how }) => {
    const isHolder = ({ className }: FlatObject): boolean => className === 'fvAEPg' || className === 'vzBrCP';
    for (const { className, dn } of pick(fabric.objects, at, isHolder)) {
      const uid = how % 4 === 0 ? { uid: '0' } : {};
      if (className === 'vzBrCP') created(fabric, 'vzSubj', `${dn}/subj-theirs`, { name: 'theirs', ...uid });
      else created(fabric, 'fvRsCons', `${dn}/rscons-theirs`, { tnVzBrCPName: 'theirs', ...uid });
    }
  },
  /** A prefix of ours in another L3Out of the VRF, or a subnet of an interface. */
  prefix: ({ fabric, desired }, { at, how }) => {
    const out = 'uni/tn-k8s/out-other';
    created(fabric, 'l3extRsEctx', `${out}/rsectx`, { tnFvCtxName: how % 4 === 0 ? 'else' : 'k8s' });
    for (const { attributes } of pick(desired, at, ({ className }) => className === 'l3extSubnet')) {
      const ip = attributes['ip'] ?? '';
      const group = childDn(out, `instP-x${how % 2}`);
      created(fabric, 'l3extSubnet', `${group}/extsubnet-[${ip}]`, { ip, scope: 'import-security' });
      if (how % 5 === 0) mark(fabric, group, 'test');
    }
    created(fabric, 'l3extIp', `${out}/lnodep-n/lifp-i/ip-${at % 2}`, { addr: `198.18.${at % 2}.1/24` });
  },
  list: ({ fabric }) => fabric.replaced([...fabric.objects.values()]),
  /** The APIC loses a part of what it had, and is listed. */
  rollBack: ({ fabric }, { how }) =>
    fabric.replaced([...fabric.objects.values()].filter((_, index) => index % 7 !== how % 7)),
} as const satisfies Readonly<Record<string, Happening>>;

const batchesOf = (plan: FabricPlan): readonly Batch[] => plan.phases.flatMap(({ batches }) => batches);

const NAMES = Object.keys(HAPPENINGS) as readonly FabricEvent['what'][];

/** One event; posts of the gateway more often than the rest. */
export const fabricEvent: fc.Arbitrary<FabricEvent> = fc.record({
  what: fc.constantFrom(...NAMES, 'post' as const, 'post' as const, 'postAll' as const),
  at: fc.nat(10_000),
  how: fc.nat(1000),
});

/** Lets the event happen. */
export const happen = (scene: Scene, event: FabricEvent): void => HAPPENINGS[event.what](scene, event);

/** The objects as a map that shares with the one before what is equal, as the gateway keeps them. */
export function sharedFrom(before: SharedMap<FlatObject>, objects: ObjectMap): SharedMap<FlatObject> {
  const changes = new Map<string, FlatObject | undefined>();
  for (const [dn, object] of objects)
    if (JSON.stringify(before.get(dn)) !== JSON.stringify(object)) changes.set(dn, object);
  for (const dn of before.keys()) if (!objects.has(dn)) changes.set(dn, undefined);
  return before.with(changes);
}

/** Whether a change is among some that are chosen by their Dns, about one in `oneIn`. */
export const chosenBy =
  (salt: number, oneIn: number) =>
  ({ object }: Change): boolean => {
    let sum = salt;
    for (let at = 0; at < object.dn.length; at += 1) sum = (sum * 31 + object.dn.charCodeAt(at)) % 65_521;
    return sum % oneIn === 0;
  };

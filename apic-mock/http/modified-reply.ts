import { type Attributes, classRow } from '#model/aci';
import { type ReplyObject, wireAttributes } from '../query/index.js';
import type { Change, StoredObject } from '../tree/index.js';
import type { WireFormat } from '../wire/index.js';
import { type ApiReply, EMPTY_REPLY } from './api-request.js';

/** An object of the answer while it is put together. */
interface Shown {
  readonly object: StoredObject;
  readonly children: Map<string, Shown>;
  change?: Change;
}

/**
 * Always there, and hides what changed below it as long as it stays the same itself: seen on APICs up to 3.x
 * (apic-protocol.md §3.3, ansible/ansible#35041). Whether other classes do so is not known; here they do not.
 */
const HIDES_CHANGES: ReadonlySet<string> = new Set(['infraInfra']);

/**
 * The answer to `rsp-subtree=modified`: below each posted object everything that the request changed, what the APIC made
 * along with it included, nested and in full; of a deleted subtree only its top (a guess). An object that did not change
 * but holds one that did has no status (a guess). Nothing for what stayed as it was (apic-protocol.md §3.3).
 */
export function modifiedReply(roots: readonly string[], changes: readonly Change[], format: WireFormat): ApiReply {
  const objects = [...new Set(roots)].flatMap((root) => changedTree(root, changes) ?? []);
  if (objects.length === 0) return EMPTY_REPLY;
  return { totalCount: objects.length, objects: objects.map((shown) => replyOf(shown, 'top', format)) };
}

function changedTree(root: string, changes: readonly Change[]): Shown | undefined {
  const concerned = changes.filter(({ object }) => object.dn === root || object.dn.startsWith(`${root}/`));
  const known = new Map<string, Shown>();
  for (const change of concerned) {
    if (!isBackRelation(change.object)) shownOf(change.object, root, known).change = change;
  }
  const top = known.get(root);
  const isHidden = top?.change === undefined && HIDES_CHANGES.has(top?.object.className ?? '');
  return isHidden ? undefined : top;
}

const isBackRelation = ({ className }: StoredObject): boolean => classRow(className)?.relation?.type === 'reverse';

/** The entry of an object, made along with those of its ancestors up to the root. */
function shownOf(object: StoredObject, root: string, known: Map<string, Shown>): Shown {
  const found = known.get(object.dn);
  if (found !== undefined) return found;
  const shown: Shown = { object, children: new Map() };
  known.set(object.dn, shown);
  if (object.dn !== root && object.parent !== undefined) {
    shownOf(object.parent, root, known).children.set(object.rn, shown);
  }
  return shown;
}

function replyOf(shown: Shown, position: 'top' | 'nested', format: WireFormat): ReplyObject {
  const { object, change, children } = shown;
  const below = change?.kind === 'deleted' ? [] : [...children.values()].sort(order(format));
  return {
    className: object.className,
    attributes: { ...wireAttributes(asWritten(object, change), position, 'all'), ...marks(change) },
    children: below.map((child) => replyOf(child, 'nested', format)),
  };
}

/** The object as the request left it: what the APIC assigns a moment later is not part of the answer. */
function asWritten(object: StoredObject, change: Change | undefined): StoredObject {
  if (change === undefined) return object;
  return { ...object, attributes: change.kind === 'deleted' ? change.before : change.after };
}

/** `childAction` is the one that the answer about a created object had (ansible/ansible#35041). */
function marks(change: Change | undefined): Attributes {
  if (change === undefined) return {};
  return { status: change.kind, childAction: change.kind === 'created' ? 'deleteNonPresent' : '' };
}

/**
 * Siblings come in no known order, and in another than posted. This one agrees with what the tests of the collection
 * cisco.aci read out of an APIC's answers, of which those in JSON have a tenant's fvRsTenantMonPol second.
 */
function order(format: WireFormat): (a: Shown, b: Shown) => number {
  const rank = ({ className }: StoredObject): number => {
    if (className === 'fvAp') return 0;
    if (className === 'fvRsTenantMonPol' && format === 'json') return 1;
    return LAST.has(className) ? 3 : 2;
  };
  return (a, b) => rank(a.object) - rank(b.object) || compare(a.object.className, b.object.className);
}

/** What an APIC makes below a tenant in a step of its own. */
const LAST: ReadonlySet<string> = new Set(['fvEpTags', 'vnsSvcCont']);

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

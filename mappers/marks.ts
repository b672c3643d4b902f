import { MARK_KEYS, type ManagedObject, managedObject, ORCHESTRATOR, propertySpec } from '#model/aci';
import { ContentHash } from '#model/naming';

/** What a mark says beside the owner. */
export interface MarkDetails {
  /** Kubernetes objects that asked for the object, e.g. `NetworkPolicy/shop/allow-web`. */
  readonly sources: readonly string[];
  readonly signature?: string;
  /** VNI of the group that the object stands for. */
  readonly vni?: number | undefined;
  /** Groups that the object stands for, where that is more than one; the one that it is named after is the first. */
  readonly joined?: readonly string[] | undefined;
}

/** Longest source text kept on an object; a tagAnnotation value takes 2048 characters (aci-model.md §3). */
const SOURCE_LIMIT = 2000;

/**
 * Marks an object as owned by the cluster, as a whole with everything below it: tagAnnotations on the object itself,
 * `annotation` on it and on all its descendants. The tags name owner, source and content hash (DESIGN.md §6.3).
 */
export function marked(object: ManagedObject, clusterId: string, details: MarkDetails): ManagedObject {
  const own = withAnnotation(object);
  const tags = {
    [MARK_KEYS.owner]: clusterId,
    [MARK_KEYS.source]: sourceText(details.sources),
    [MARK_KEYS.hash]: hashOf(own),
    ...(details.signature === undefined || details.signature === ''
      ? {}
      : { [MARK_KEYS.signature]: details.signature }),
    ...(details.vni === undefined ? {} : { [MARK_KEYS.vni]: String(details.vni) }),
    ...joinedTags(details.joined ?? []),
  };
  const children = Object.entries(tags).map(([key, value]) => managedObject('tagAnnotation', { key, value }));
  return { ...own, children: [...own.children, ...children] };
}

/** The names, as many to a mark as one takes. */
function joinedTags(names: readonly string[]): Readonly<Record<string, string>> {
  const texts: string[] = [];
  for (const name of names) {
    const last = texts.at(-1);
    if (last === undefined || last.length + name.length >= SOURCE_LIMIT) texts.push(name);
    else texts[texts.length - 1] = `${last} ${name}`;
  }
  return Object.fromEntries(texts.map((text, index) => [joinedKey(index), text]));
}

/** Key of the mark with a part of the names. */
export const joinedKey = (index: number): string => (index === 0 ? MARK_KEYS.joined : `${MARK_KEYS.joined}.${index}`);

/**
 * The object with `annotation` on it and on everything below it that is not marked by itself. An object without children
 * that has it already is given back: whoever compares two versions of a parent sees at once that this child is the same.
 */
export function withAnnotation(object: ManagedObject): ManagedObject {
  const { className, attributes, children } = object;
  if (children.length === 0 && attributes['annotation'] === ORCHESTRATOR) return object;
  const annotation = propertySpec(className, 'annotation') === undefined ? {} : { annotation: ORCHESTRATOR };
  return {
    className,
    attributes: { ...attributes, ...annotation },
    children: children.map((child) => (isMarked(child) ? child : withAnnotation(child))),
  };
}

/** Hash of the object and all that is below it. */
function hashOf(object: ManagedObject): string {
  const hash = new ContentHash();
  const add = ({ className, attributes, children }: ManagedObject): void => {
    hash.add(className).add('\n');
    for (const name in attributes)
      hash
        .add(name)
        .add('=')
        .add(attributes[name] ?? '')
        .add('\n');
    // An EPG may have thousands of relations: their texts are taken piece by piece, and no list is made of them.
    for (const child of children) add(child);
    hash.add(';');
  };
  add(object);
  return hash.digits();
}

/** A child that carries marks of its own keeps them: it is owned apart from its parent. */
const isMarked = (object: ManagedObject): boolean =>
  object.className === 'tagAnnotation' ||
  object.children.some((child) => child.className === 'tagAnnotation' && child.attributes['key'] === MARK_KEYS.owner);

function sourceText(sources: readonly string[]): string {
  const text = [...new Set(sources)].sort().join(' ').replace(/[<>]/g, '-');
  if (text === '') return 'none';
  return text.length <= SOURCE_LIMIT ? text : `${text.slice(0, SOURCE_LIMIT)} …`;
}

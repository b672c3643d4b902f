import {
  childDn,
  isBindingsHolder,
  MARK_KEYS,
  type ManagedObject,
  managedObject,
  markDn,
  ORCHESTRATOR,
  ownerOf,
  parentDn,
  rnFor,
} from '#model/aci';
import { type OwnedSides } from './diff.js';

/**
 * The tree with the owner's mark on every object that is ours, or that we want to own, and that is not deleted by it. A POST makes the objects on
 * its way that are not there: one that comes late, after a deletion, would leave an object without a mark, which nobody would
 * dare to touch again. Where the mark is there already, it says nothing new.
 *
 * What bindings hang below at an admin's AEP is nobody's own: several clusters and the admin share it. Where a POST makes it, it
 * says that a gateway did, by `annotation`, so that it can go again when nothing is left below it.
 *
 * @param dn Dn of the topmost object of the tree
 */
export function withOwnerMarks(tree: ManagedObject, dn: string, sides: OwnedSides): ManagedObject {
  const { desired, actual, clusterId } = sides;
  const isOwned = (at: string): boolean =>
    actual.has(at) ? ownerOf(actual, at) === clusterId : desired.has(markDn(at, MARK_KEYS.owner));
  const mark = managedObject(MARK_CLASS, { key: MARK_KEYS.owner, value: clusterId });
  const isMadeHere = (className: string, at: string): boolean =>
    isBindingsHolder({ className, dn: at }) && !actual.has(at) && !isOwned(parentDn(at) ?? '');
  const marked = (given: ManagedObject, at: string): ManagedObject => {
    if (given.attributes['status'] === 'deleted') return given;
    const object = isMadeHere(given.className, at)
      ? { ...given, attributes: { ...given.attributes, annotation: ORCHESTRATOR } }
      : given;
    // Of a first plan most objects are marks, and nearly all have theirs: what stays as it is, is not made anew.
    const children = object.children.map((child) =>
      child.className === MARK_CLASS ? child : marked(child, childDn(at, rnFor(child.className, child.attributes))),
    );
    if (!children.some(isOwnerMark) && isOwned(at)) return { ...object, children: [...children, mark] };
    return children.every((child, index) => child === object.children[index]) ? object : { ...object, children };
  };
  return marked(tree, dn);
}

const MARK_CLASS = 'tagAnnotation';

const isOwnerMark = ({ className, attributes }: ManagedObject): boolean =>
  className === MARK_CLASS && attributes['key'] === MARK_KEYS.owner;

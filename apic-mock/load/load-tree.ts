import { InvalidInputError } from '#errors';
import { classRow, type ManagedObject, mayContain, type WireObject } from '#model/aci';
import { ApicError } from '../apic-error.js';
import { type Fabric, SYSTEM } from '../fabric/index.js';
import { applyNode, placeOf, placeRequest, type RequestNode, ROOT } from '../write/index.js';

/** A tree as an APIC would take it, or as the model's functions make it. */
export type LoadableTree = WireObject | ManagedObject;

const isManagedObject = (tree: LoadableTree): tree is ManagedObject => typeof tree.className === 'string';

function requestNode(tree: LoadableTree): RequestNode {
  if (isManagedObject(tree)) return { ...tree, children: tree.children.map(requestNode) };
  const [entry, ...others] = Object.entries(tree);
  if (entry === undefined || others.length > 0) {
    throw new InvalidInputError('a tree to load is one object: {"<class>":{"attributes":{…},"children":[…]}}');
  }
  const [className, { attributes, children = [] }] = entry;
  return { className, attributes, children: children.map(requestNode) };
}

/** Objects without a Dn of their own stand below `uni`, unless they are roots. */
export function placeFor(node: RequestNode): typeof ROOT {
  const isRoot = mayContain('topRoot', node.className);
  return isRoot || node.attributes.dn !== undefined || classRow(node.className) === undefined ? ROOT : placeOf('uni');
}

/**
 * Puts a tree into the fabric as the fabric itself: operational objects and read-only properties too, with events to
 * whoever listens. One transaction. Throws {@link InvalidInputError} with the APIC's reason; then nothing has changed.
 */
export function loadTree(fabric: Fabric, tree: LoadableTree): void {
  const node = requestNode(tree);
  try {
    const placed = placeRequest(placeFor(node), node, 'system');
    fabric.commit(SYSTEM, (transaction) => applyNode(transaction, placed, 'system'));
  } catch (error) {
    if (error instanceof ApicError) {
      throw new InvalidInputError(`cannot load ${node.className}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

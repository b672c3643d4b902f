import { type PeerView, selectorKey } from '#model/kubernetes';
import { formatPrefix } from '#model/net';
import type { AddressAtom, Atom } from './parties.js';
import { PortLists } from './port-lists.js';

/** Every distinct peer that some rule names, each once. */
export class AtomTable {
  /** Lists of ports that rules have beside their peers. */
  readonly lists = new PortLists();
  readonly #atoms = new Map<string, Atom>();
  #lastId = 0;

  /** The atom of a peer of a policy in the namespace, made when it is new. */
  of(namespace: string, peer: PeerView): Atom {
    const key = peerKey(namespace, peer);
    const known = this.#atoms.get(key);
    if (known !== undefined) return known;
    this.#lastId += 1;
    const atom = atomOf({ id: this.#lastId, key, users: new Set(), parties: new Map() }, namespace, peer);
    this.#atoms.set(key, atom);
    return atom;
  }

  /** Takes out an atom that no policy names any more. */
  delete(atom: Atom): void {
    this.#atoms.delete(atom.key);
  }

  /** All peers by addresses. */
  blocks(): readonly AddressAtom[] {
    return [...this.#atoms.values()].filter((atom) => atom.kind !== 'pods');
  }
}

function atomOf(base: Pick<Atom, 'id' | 'key' | 'users' | 'parties'>, namespace: string, peer: PeerView): Atom {
  if (peer.kind === 'block') return { ...base, kind: 'block', cidrs: [peer.cidr], except: peer.except };
  if (peer.kind === 'nodes') return { ...base, kind: 'nodes', nodes: peer.nodes, cidrs: [], except: [] };
  const namespaces = peer.namespaces === 'own' ? { own: namespace } : peer.namespaces;
  return { ...base, kind: 'pods', namespaces, pods: peer.pods };
}

function peerKey(namespace: string, peer: PeerView): string {
  if (peer.kind === 'block') {
    return `block ${formatPrefix(peer.cidr)} ${peer.except.map(formatPrefix).sort().join(' ')}`;
  }
  if (peer.kind === 'nodes') return `nodes ${selectorKey(peer.nodes)}`;
  if (peer.namespaces === 'own') return `own ${namespace} ${selectorKey(peer.pods)}`;
  return `any ${selectorKey(peer.namespaces)} ${selectorKey(peer.pods)}`;
}

import { type PeerView, selectorKey } from '#model/kubernetes';
import { formatPrefix } from '#model/net';
import type { Atom, BlockAtom } from './parties.js';

/** Every distinct peer that some rule names, each once. */
export class AtomTable {
  readonly #atoms = new Map<string, Atom>();
  #lastId = 0;

  /** The atom of a peer of a policy in the namespace, made when it is new. */
  of(namespace: string, peer: PeerView): Atom {
    const key = peerKey(namespace, peer);
    const known = this.#atoms.get(key);
    if (known !== undefined) return known;
    this.#lastId += 1;
    const base = { id: this.#lastId, key, users: new Set<never>(), parties: new Map<never, never>() };
    const atom: Atom =
      peer.kind === 'block'
        ? { ...base, kind: 'block', cidr: peer.cidr, except: peer.except }
        : {
            ...base,
            kind: 'pods',
            namespaces: peer.namespaces === 'own' ? { own: namespace } : peer.namespaces,
            pods: peer.pods,
          };
    this.#atoms.set(key, atom);
    return atom;
  }

  /** Takes out an atom that no policy names any more. */
  delete(atom: Atom): void {
    this.#atoms.delete(atom.key);
  }

  /** All ipBlocks. */
  blocks(): readonly BlockAtom[] {
    return [...this.#atoms.values()].filter((atom) => atom.kind === 'block');
  }
}

function peerKey(namespace: string, peer: PeerView): string {
  if (peer.kind === 'block') {
    return `block ${formatPrefix(peer.cidr)} ${peer.except.map(formatPrefix).sort().join(' ')}`;
  }
  if (peer.namespaces === 'own') return `own ${namespace} ${selectorKey(peer.pods)}`;
  return `any ${selectorKey(peer.namespaces)} ${selectorKey(peer.pods)}`;
}

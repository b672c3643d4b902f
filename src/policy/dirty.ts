import type { Atom, PodEntry, PodParty, Shape } from './parties.js';

/** What a change has touched and the next flush has to look at again. Sets: a thing is looked at once, however often it was touched. */
export class Dirty {
  /** Shapes whose signature may differ. */
  readonly shapes = new Set<Shape>();
  /** Pods that may belong to another party. */
  readonly pods = new Set<PodEntry>();
  /** Namespaces that an object, their last pod or a policy has left: nothing may be left of them. */
  readonly namespaces = new Set<string>();
  /** Atoms that hold other parties than before. */
  readonly atoms = new Set<Atom>();
  /** Port names that other parties declare than before. */
  readonly portNames = new Set<string>();
  /** Parties whose sides have to be computed. */
  readonly sides = new Set<PodParty>();
}

import type { Finding } from '#model/policy';

/**
 * How far an object of the fabric is. `equal`: the fabric has it as wanted. `pending`: it will be written. `waiting`: it waits for
 * a person or for an object of an admin's. `drifting`: somebody changed it, and the drift policy lets that stand. `parked`: the APIC
 * refused it. `taken`: its name is somebody else's.
 */
export const SYNC_PHASES = ['equal', 'drifting', 'pending', 'waiting', 'taken', 'parked'] as const;
export type SyncPhase = (typeof SYNC_PHASES)[number];

/** One object of the fabric that is owned as a whole, with everything below it. */
export interface FabricSync {
  readonly dn: string;
  readonly className: string;
  readonly phase: SyncPhase;
  /** Why it is not equal, in words, one a cause; empty when it is. */
  readonly why: readonly string[];
  /** Kubernetes objects that asked for it, as findings name objects. */
  readonly sources: readonly string[];
}

/** How far a Kubernetes object is, on its way to the fabric and to the nodes. */
export interface ObjectSync {
  /** The object as findings name it. */
  readonly object: string;
  /** The phase of the fabric's object that is behind most. */
  readonly phase: SyncPhase;
  /** Group of a pod, with the Dn of its EPG; undefined for other kinds, and for pods that no policy applies to. */
  readonly group?: { readonly name: string; readonly epg: string };
  /** Of a pod or a node: whether the policy store has the slice of the node. */
  readonly node?: { readonly name: string; readonly published: boolean };
  readonly fabric: readonly FabricSync[];
  readonly findings: readonly Finding[];
}

/** What is desired, what is there, what is pending, parked or drifting and why, by Kubernetes object and by Dn. */
export interface SyncState {
  /** Every object of the fabric that is not as wanted, worst first. */
  open(): readonly FabricSync[];
  /** A Kubernetes object; undefined for one that is not there and has left nothing behind. */
  object(name: string): ObjectSync | undefined;
  /** The object of the fabric that the Dn is, or is a part of; undefined for one that is not ours and never was to be. */
  dn(dn: string): FabricSync | undefined;
  /** Calls back after something may have changed, until the returned function is called. */
  watch(changed: () => void): () => void;
}

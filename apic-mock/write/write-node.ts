import type { Attributes } from '#model/aci';
import type { ChildAction } from './child-action.js';

/** What is to become of an object (apic-protocol.md §3.2). */
export type WriteStatus = 'upsert' | 'created' | 'modified' | 'deleted';

/** One object of a request, placed in the tree and checked against the model; nothing is known yet of the store. */
export interface WriteNode {
  readonly className: string;
  readonly dn: string;
  readonly rn: string;
  readonly parentDn: string;
  readonly parentClass: string;
  readonly status: WriteStatus;
  readonly childAction: ChildAction;
  /** Canonical values of what the request sets, naming properties included. */
  readonly values: Attributes;
  readonly children: readonly WriteNode[];
}

/** Over REST only configurable properties may be set; the fabric itself may set all of them. */
export type Authority = 'user' | 'system';

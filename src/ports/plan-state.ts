import type { Finding } from '#model/policy';

/** Why a change is made, and who asks for it or did ask. */
export interface PlanReasonView {
  readonly kind: 'wanted' | 'differs' | 'unwanted';
  /** Kubernetes objects, e.g. `NetworkPolicy/shop/allow-web`; empty for what the gateway itself needs. */
  readonly sources: readonly string[];
  /** Attributes that are not as wanted, of an object that is modified; else empty. */
  readonly attributes: readonly { readonly attribute: string; readonly is: string; readonly wanted: string }[];
}

/** One change of a plan. */
export interface PlanChangeView {
  readonly change: 'create' | 'modify' | 'delete';
  readonly class: string;
  readonly dn: string;
  /** Attributes that are written; empty for an object that goes. */
  readonly set: Readonly<Record<string, string>>;
  readonly reason: PlanReasonView;
}

/** Deletions that wait until somebody approves them. */
export interface WaitingDeletions {
  /** What `acigw approve` takes. */
  readonly hash: string;
  /** Managed objects that would go, with all that is below them. */
  readonly objects: number;
  /** Managed objects of the gateway that are there. */
  readonly owned: number;
  /** Share of them that would go, 0 to 1. */
  readonly share: number;
  readonly changes: readonly PlanChangeView[];
}

/** Version of the form of a plan; a field may be added under it, never changed or removed. */
export const PLAN_SCHEMA = 'acigw.plan/v1';

/** A plan for people and scripts; described in docs/cli.md. */
export interface PlanView {
  readonly schema: typeof PLAN_SCHEMA;
  readonly hash: string;
  readonly counts: { readonly create: number; readonly modify: number; readonly delete: number };
  readonly phases: readonly {
    readonly name: string;
    readonly posts: number;
    readonly changes: readonly PlanChangeView[];
  }[];
  readonly blast: {
    readonly classes: readonly {
      readonly class: string;
      readonly created: number;
      readonly modified: number;
      readonly deleted: number;
    }[];
    /** Groups that lose something, or whose members move to another VLAN, with the number of their pods. */
    readonly groups: readonly { readonly dn: string; readonly pods: number }[];
    readonly pods: number;
    readonly contracts: readonly string[];
    readonly deleted: number;
    readonly owned: number;
    readonly deletedShare: number;
  };
  readonly waiting: WaitingDeletions | null;
  /** Dns of objects that an admin should have made: nothing is done below them. */
  readonly missing: readonly string[];
  /** What of Kubernetes cannot be watched at the moment, and why: the plan is of the cluster as it was known last. */
  readonly clusterTroubles: readonly string[];
  readonly findings: readonly Finding[];
}

/** What a running gateway is about to do to the fabric, and what it may not do yet. */
export interface PlanState {
  /** The plan between what is wanted and what is there now; undefined while either is not known. */
  plan(): PlanView | undefined;
  /** The deletions that wait; undefined when none do. */
  waiting(): WaitingDeletions | undefined;
  /** Releases exactly the deletions that wait of those that waited under this hash; gives whether there are such. */
  approve(hash: string): boolean;
}

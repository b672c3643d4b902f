/** One figure with what it is of. Names and labels are in the form of Prometheus. */
export interface Measure {
  readonly name: MeasureName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Figures that the gateway keeps of the way up; names that end in `_total` only grow. */
export type MeasureName =
  /** Findings of now, by `code`. */
  | 'findings'
  /** Findings told to their objects, and told to be over, by `code`. */
  | 'findings_told_total'
  | 'findings_cleared_total'
  /** FabricGroup objects that should be there. */
  | 'fabric_groups'
  /** Objects of the fabric's inventory that are kept in memory. */
  | 'inventory_objects'
  /** Rounds of writing to Kubernetes in which something failed, by `what`. */
  | 'kubernetes_write_failures_total';

/** Keeps figures for whoever serves them. Never throws. */
export interface Measures {
  /** Counts up, by one when nothing else is said. */
  add(name: MeasureName, labels?: Readonly<Record<string, string>>, by?: number): void;
  /** Sets all figures of a name at once: those of labels that are not named are gone. */
  replace(name: MeasureName, values: readonly Omit<Measure, 'name'>[]): void;
  /** All figures, in the order in which they first came. */
  read(): readonly Measure[];
}

import { aciName } from '#model/naming';

/** Leaves room for `:` and six digits that tell the groups of one base apart. */
export const BASE_LIMIT = 57;

/** `namespace` or `namespace.workload`, short enough for an ACI name. '.' cannot occur in a namespace name. */
export const baseName = (namespace: string, workload: string | undefined): string =>
  workload === undefined ? namespace : aciName(fullName(namespace, workload), BASE_LIMIT);

/** {@link baseName} before it is shortened. */
export const fullName = (namespace: string, workload: string): string =>
  `${namespace}.${workload.slice(workload.indexOf('/') + 1)}`;

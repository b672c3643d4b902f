const NUMBER = /^[1-9][0-9]*$/;

/**
 * Whether a version of a resource is older than another one of the same resource. Versions may be compared so since Kubernetes
 * 1.35 (KEP-5504, "Comparable Resource Version"): decimal numbers of any length; before that they were nothing else either. False
 * for what is no such number.
 */
export function isOlder(version: string, than: string): boolean {
  if (!NUMBER.test(version) || !NUMBER.test(than)) return false;
  return version.length === than.length ? version < than : version.length < than.length;
}

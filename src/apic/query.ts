import type { Attributes } from '#model/aci';
import type { FabricListing, FabricScope } from '#ports';

/** What is asked of which resource; the suffix that chooses the spelling comes later. */
export interface Query {
  readonly path: string;
  readonly query: string;
}

/**
 * The path of an object's REST resource, without suffix. Brackets and slashes of a Dn go raw, as the APIC's own clients send them;
 * everything that would end the path or is not ASCII is percent-encoded (RFC 3986 §3.3).
 */
export function moPath(dn: string): string {
  const encoded = encodeURI(dn).replace(/%5B/g, '[').replace(/%5D/g, ']').replace(/\?/g, '%3F').replace(/#/g, '%23');
  return `/api/mo/${encoded}`;
}

/** One page of what a listing says (apic-protocol.md §2.2). */
export function pageQuery(listing: FabricListing, page: number, pageSize: number): Query {
  const [only, ...others] = listing.classes === 'all' ? [] : listing.classes;
  // Pages without an order may skip and repeat objects, and an order is defined for one class only.
  const order = only !== undefined && others.length === 0 ? `&order-by=${only}.dn` : '';
  const what = `${subtreeQuery(listing)}${filterOf(listing.values ?? {})}`;
  return { path: moPath(listing.dn), query: `${what}${order}&page=${page}&page-size=${pageSize}` };
}

/**
 * Subscribes to the scope. The answer's objects are one page at best and are not used, so it is asked to be small;
 * events come for the whole scope all the same.
 */
export const subscribeQuery = (scope: FabricScope, refreshTimeoutSeconds: number): Query => ({
  path: moPath(scope.dn),
  query: `${subtreeQuery(scope)}&page=0&page-size=1&subscription=yes&refresh-timeout=${refreshTimeoutSeconds}`,
});

/** Prolongs one subscription; one id a call (apic-protocol.md §5.3). */
export const subscriptionRefresh = (id: string, refreshTimeoutSeconds: number): Query => ({
  path: '/api/subscriptionRefresh',
  query: `id=${encodeURIComponent(id)}&refresh-timeout=${refreshTimeoutSeconds}`,
});

const subtreeQuery = ({ classes }: FabricListing): string =>
  classes === 'all' ? 'query-target=subtree' : `query-target=subtree&target-subtree-class=${classes.join(',')}`;

/** The filter that only objects pass whose properties have the values (apic-protocol.md §2.3). */
function filterOf(values: Attributes): string {
  const tests = Object.entries(values).map(([property, value]) => `eq(${property},"${value}")`);
  return tests.length === 0 ? '' : `&query-target-filter=${encodeURIComponent(`and(${tests.join()})`)}`;
}

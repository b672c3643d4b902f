import type { PoliciesOf } from '#policy';

/** Nothing is known of the policies: for tests in which nobody reads what findings name. */
export const NO_POLICIES: PoliciesOf = { selecting: () => [], isolating: () => [], openToAll: () => [] };

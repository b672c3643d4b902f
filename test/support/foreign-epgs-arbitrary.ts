import fc from 'fast-check';
import type { CompileDelta, ForeignEpg } from '#policy';

const DB = 'uni/tn-k8s/ap-vms/epg-db';
const WEB = 'uni/tn-vms/ap-vms/epg-web';

const host = (last: number): ForeignEpg['prefixes'][number] => ({
  family: 4,
  first: 0xc0000200n + BigInt(last),
  length: 32,
});
const NET = { family: 4, first: 0xc0000200n, length: 24 } as const;
const V6 = { family: 6, first: 0x20010db80001n << 80n, length: 64 } as const;

/** Groups of others as an admin, or the fabric that learns addresses, may give them: none, nets, machines that go elsewhere. */
export const foreignEpgsArbitrary: fc.Arbitrary<readonly ForeignEpg[]> = fc.constantFrom<readonly ForeignEpg[]>(
  [],
  [{ dn: DB, prefixes: [NET] }],
  [{ dn: WEB, prefixes: [NET] }],
  [{ dn: DB, prefixes: [] }],
  [{ dn: DB, prefixes: [host(1)] }],
  [{ dn: DB, prefixes: [host(1), host(200)] }],
  [
    { dn: DB, prefixes: [host(200)] },
    { dn: WEB, prefixes: [host(1), V6] },
  ],
);

/** What comes of them with each change of the cluster: with most nothing. */
export const foreignHistories: fc.Arbitrary<Iterator<Pick<CompileDelta, 'foreignEpgs'>>> = fc.infiniteStream(
  fc.oneof(
    { weight: 2, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: foreignEpgsArbitrary.map((foreignEpgs) => ({ foreignEpgs })) },
  ),
);

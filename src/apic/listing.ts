import type { FlatObject } from '#model/aci';
import type { FabricListing } from '#ports';
import { ApicBusyError } from './errors.js';
import { pageQuery, type Query } from './query.js';
import type { ApicReply } from './reply.js';

/** How a listing reads: one GET, `about` naming it in messages. */
export interface ListingSource {
  readonly url: string;
  readonly pageSize: number;
  readonly get: (query: Query, about: string) => Promise<ApicReply>;
}

/** Times that objects are listed from the first page again because the result changed between two pages. */
const MOST_RESTARTS = 5;

/**
 * Everything that the listing says. A result that fits one page comes in one request whatever its classes; a larger one is read
 * class by class, because pages are complete only in an order and an order is defined for one class. Where that is every
 * class there is, it is read without an order until it is complete.
 */
export async function listObjects(source: ListingSource, listing: FabricListing): Promise<readonly FlatObject[]> {
  const { classes } = listing;
  if (classes === 'all') return listPaged(source, listing);
  if (classes.length > 1) {
    const { objects, totalCount } = await source.get(pageQuery(listing, 0, source.pageSize), listing.dn);
    if (objects.length >= totalCount) return objects;
  }
  const found: FlatObject[] = [];
  for (const className of classes) {
    for (const object of await listPaged(source, { ...listing, classes: [className] })) found.push(object);
  }
  return found;
}

async function listPaged(source: ListingSource, listing: FabricListing): Promise<readonly FlatObject[]> {
  for (let restart = 0; restart <= MOST_RESTARTS; restart += 1) {
    const found = await listPages(source, listing);
    if (found !== undefined && (listing.classes !== 'all' || hasNoneTwice(found))) return found;
  }
  const what = listing.classes === 'all' ? 'what stands' : listing.classes.join();
  throw new ApicBusyError(source.url, `${what} below ${listing.dn} changes faster than it can be listed`);
}

/**
 * Pages without an order may repeat an object and skip another one (apic-protocol.md §2.2). They hold as many as the APIC
 * counts, so none is left out where none is there twice.
 */
const hasNoneTwice = (found: readonly FlatObject[]): boolean =>
  new Set(found.map(({ dn }) => dn)).size === found.length;

/** All pages, or undefined when the result changed on the way and objects may have moved between pages. */
async function listPages(source: ListingSource, listing: FabricListing): Promise<readonly FlatObject[] | undefined> {
  const found: FlatObject[] = [];
  let total: number | undefined;
  for (let page = 0; total === undefined || found.length < total; page += 1) {
    const { objects, totalCount } = await source.get(pageQuery(listing, page, source.pageSize), listing.dn);
    if (total !== undefined && total !== totalCount) return undefined;
    total = totalCount;
    if (objects.length === 0 && found.length < total) {
      // A busy APIC counts objects and sends none (apic-protocol.md §2.2).
      throw new ApicBusyError(source.url, `it counts ${total} objects below ${listing.dn} and sent ${found.length}`);
    }
    found.push(...objects);
  }
  return found;
}

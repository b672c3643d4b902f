import type { FlatObject } from '#model/aci';
import type { FabricScope } from '#ports';
import { ApicBusyError } from './errors.js';
import { pageQuery, type Query } from './query.js';
import type { ApicReply } from './reply.js';

/** How a listing reads: one GET, `about` naming it in messages. */
export interface ListingSource {
  readonly url: string;
  readonly pageSize: number;
  readonly get: (query: Query, about: string) => Promise<ApicReply>;
}

/** Times that a class is listed from its first page again because the result changed between two pages. */
const MOST_RESTARTS = 5;

/**
 * Everything in the scope. A result that fits one page comes in one request whatever its classes; a larger one is read
 * class by class, because pages are complete only in an order and an order is defined for one class.
 */
export async function listScope(source: ListingSource, scope: FabricScope): Promise<readonly FlatObject[]> {
  if (scope.classes.length > 1) {
    const { objects, totalCount } = await source.get(pageQuery(scope, 0, source.pageSize), scope.dn);
    if (objects.length >= totalCount) return objects;
  }
  const found: FlatObject[] = [];
  for (const className of scope.classes) {
    for (const object of await listClass(source, { dn: scope.dn, classes: [className] })) found.push(object);
  }
  return found;
}

async function listClass(source: ListingSource, scope: FabricScope): Promise<readonly FlatObject[]> {
  for (let restart = 0; restart <= MOST_RESTARTS; restart += 1) {
    const found = await listPages(source, scope);
    if (found !== undefined) return found;
  }
  throw new ApicBusyError(source.url, `${scope.classes.join()} below ${scope.dn} changes faster than it can be listed`);
}

/** The pages of one class, or undefined when the result changed on the way and objects may have moved between pages. */
async function listPages(source: ListingSource, scope: FabricScope): Promise<readonly FlatObject[] | undefined> {
  const found: FlatObject[] = [];
  let total: number | undefined;
  for (let page = 0; total === undefined || found.length < total; page += 1) {
    const { objects, totalCount } = await source.get(pageQuery(scope, page, source.pageSize), scope.dn);
    if (total !== undefined && total !== totalCount) return undefined;
    total = totalCount;
    if (objects.length === 0 && found.length < total) {
      // A busy APIC counts objects and sends none (apic-protocol.md §2.2).
      throw new ApicBusyError(source.url, `it counts ${total} objects below ${scope.dn} and sent ${found.length}`);
    }
    found.push(...objects);
  }
  return found;
}

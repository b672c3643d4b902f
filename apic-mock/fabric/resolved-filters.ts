import { type Change, IdPool, isLost, type StoredObject, type Transaction } from '../tree/index.js';
import { entryOf, reversedEntry } from '../zoning/index.js';

/**
 * What an APIC makes of a filter (apic-protocol.md §6.8): a resolved one for the way there and one for the way back, with
 * an entry `fe-<name>` (`vzRFltE`) for each of its own. They stand at `uni/tn-<tenant>/fp-<id>` (the class's place and RN in
 * release 6.0(9c)), and the filter names them as `fwdId` and `revId`, two numbers that follow one another in public samples.
 * That each filter with an entry has them, used by a contract or not, is a guess.
 */
export class ResolvedFilters {
  readonly #ids = new IdPool(1);

  /** Brings them up to date with what has changed. Costs as much as the entries that changed. */
  follow(changes: readonly Change[], transaction: Transaction): void {
    for (const change of changes) if (change.object.className === 'vzFilter') this.#followFilter(change, transaction);
    for (const change of changes) if (change.object.className === 'vzEntry') this.#followEntry(change, transaction);
  }

  /** A filter that is gone, or was made anew, leaves its resolved ones behind; one that brings numbers along keeps them. */
  #followFilter(change: Change, transaction: Transaction): void {
    const { object } = change;
    if (isLost(change)) {
      for (const id of [change.before.fwdId, change.before.revId]) this.#release(object.parent, id, transaction);
    }
    if (change.kind !== 'deleted') for (const id of idsOf(object)) this.#ids.reserve(Number(id));
  }

  #release(tenant: StoredObject | undefined, id: string | undefined, transaction: Transaction): void {
    if (!isGiven(id)) return;
    const resolved = transaction.store.get(`${tenant?.dn}/fp-${id}`);
    if (resolved !== undefined) transaction.remove(resolved);
    this.#ids.giveBack(Number(id));
  }

  #followEntry({ kind, object }: Change, transaction: Transaction): void {
    const filter = object.parent;
    if (filter === undefined || transaction.store.get(filter.dn) !== filter) return;
    for (const [place, resolved] of this.#resolvedOf(filter, transaction).entries()) {
      const rn = `fe-${object.attributes.name}`;
      const known = resolved.children.get(rn);
      if (kind === 'deleted') {
        if (known !== undefined) transaction.remove(known);
        continue;
      }
      const there = { ...entryOf(object.attributes), matchDscp: object.attributes.matchDscp ?? '' };
      const entry = place === 0 ? there : reversedEntry(there);
      if (known !== undefined) transaction.update(known, entry);
      else transaction.create('vzRFltE', resolved, rn, { name: object.attributes.name ?? '', ...entry });
    }
  }

  /** The resolved filters of the way there and back, made if they are not there. */
  #resolvedOf(filter: StoredObject, transaction: Transaction): readonly StoredObject[] {
    const tenant = filter.parent;
    if (tenant === undefined) return [];
    if (idsOf(filter).length < 2) {
      const [fwdId, revId] = [String(this.#ids.take()), String(this.#ids.take())];
      transaction.update(filter, { fwdId, revId });
    }
    const [there = '', back = ''] = idsOf(filter);
    const name = filter.attributes.name ?? '';
    return [
      [there, back],
      [back, there],
    ].map(([id = '', revId = '']) => {
      const rn = `fp-${id}`;
      return tenant.children.get(rn) ?? transaction.create('vzRFltP', tenant, rn, { id, revId, name });
    });
  }
}

const isGiven = (id: string | undefined): id is string => id !== undefined && id !== '' && id !== '0';

const idsOf = ({ attributes: { fwdId, revId } }: StoredObject): readonly string[] => [fwdId, revId].filter(isGiven);

import { splitDn } from '#model/aci';
import { badRequest } from '../apic-error.js';
import { placeOf } from '../write/index.js';
import { queriedClasses } from './queried-classes.js';

/** What a query's URL points at: one Dn, or the objects of some classes, perhaps only below a Dn. */
export type QueryTarget =
  | { readonly kind: 'mo'; readonly dn: string; readonly className: string }
  | { readonly kind: 'class'; readonly classes: ReadonlySet<string>; readonly below: string | undefined };

/** The target of `/api/mo/<dn>`. Throws code 107 for a Dn that the model does not allow. */
export function objectTarget(dn: string): QueryTarget {
  return { kind: 'mo', ...placeOf(dn) };
}

/**
 * The target of `/api/class/<name>`, also with a Dn before the name: a node's objects, or those below any Dn
 * (apic-protocol.md §2.1). Throws `unresolved class`, code 400.
 */
export function classTarget(path: string): QueryTarget {
  const steps = splitDn(path);
  const names = (steps.at(-1) ?? '').split(',');
  const classes = names.flatMap((name) => {
    const concrete = queriedClasses(name);
    if (concrete.length === 0) throw badRequest(`Request failed, unresolved class for ${name}`);
    return concrete;
  });
  const below = steps.length > 1 ? placeOf(steps.slice(0, -1).join('/')).dn : undefined;
  return { kind: 'class', classes: new Set(classes), below };
}

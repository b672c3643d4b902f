import { type Attributes, classRow } from '#model/aci';
import type { Change, StoredObject } from '../tree/index.js';
import type { Problem } from './fault-object.js';

/**
 * What is said of a relation without its target (apic-protocol.md §6.3); undefined for one that has it. Having fallen
 * back to a default instead of the object that is named is a fault too: else F0952 and F0955, of which any operator
 * knows, could not be, for tenant common has both defaults.
 */
export function unresolved(object: StoredObject, change: Change): Problem | undefined {
  const { state = '', stateQual = '', tDn = '', tCl = '', tType } = object.attributes;
  const isMissing = state === 'missing-target';
  if (!isMissing && stateQual !== 'mismatch-target') return undefined;
  const before = change.kind === 'modified' ? (change.before.state ?? 'unformed') : 'unformed';
  const descr =
    tType === 'name'
      ? `Failed to form relation to MO ${wantedRn(object)} of class ${tCl} in context`
      : `Failed to form relation to MO ${tDn} of class ${tCl}`;
  return { descr, changeSet: `state (Old: ${before}, New: missing-target)` };
}

/** RN of what the relation names, also when it found a default instead. */
function wantedRn({ className, attributes }: StoredObject): string {
  if (attributes.stateQual !== 'mismatch-target') return attributes.tRn ?? '';
  const format = classRow(attributes.tCl ?? '')?.rn ?? '';
  return format.replace(/\{\w+\}/, () => nameOf(className, attributes));
}

function nameOf(className: string, attributes: Attributes): string {
  const property = Object.keys(classRow(className)?.properties ?? {}).find((name) => /^tn[A-Z]\w*Name$/.test(name));
  return property === undefined ? '' : (attributes[property] ?? '');
}

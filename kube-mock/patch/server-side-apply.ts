import { isDeepStrictEqual } from 'node:util';
import { type Fields, isFields, type KubernetesObject } from '#model/kubernetes';
import { ApiError, badRequest, type FieldError } from '../protocol/api-error.js';
import {
  fromFieldsV1,
  type ListKinds,
  type ManagedFieldsEntry,
  managedFieldsOf,
  type OwnedField,
  ownedFields,
  pathOfText,
  stepName,
  toFieldsV1,
  withoutValue,
  withValue,
} from './owned-fields.js';

/** Who applies, and how. */
export interface ApplyRequest {
  readonly manager: string;
  /** Takes fields over that others own and that would change. */
  readonly force: boolean;
  readonly subresource: string | undefined;
  readonly kinds: ListKinds;
  /** The time as the API writes it. */
  readonly now: string;
}

/** Metadata that nobody applies: the object's identity, and what only the server writes. */
const NOT_APPLIED: ReadonlySet<string> = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
]);

/** Manager of what an object had before the first apply (apimachinery `managedfields`). */
const BEFORE = 'before-first-apply';

/**
 * Merges an applied configuration into an object (API concepts, "Server-Side Apply"): its fields are the manager's from now
 * on, and what the manager applied before and does not any more goes, unless somebody else owns it too. Throws 409 with one
 * cause a field when it would change what others own and `force` is not set, and 400 for a configuration with managedFields.
 */
export function applyConfiguration(
  current: KubernetesObject,
  configuration: Fields,
  request: ApplyRequest,
): KubernetesObject {
  const { kinds, manager, subresource } = request;
  const wanted = ownedFields(appliedPart(configuration, subresource), kinds);
  const entries = entriesOf(current, kinds, request.now);
  const isMine = (entry: ManagedFieldsEntry): boolean =>
    entry.operation === 'Apply' && entry.manager === manager && entry.subresource === subresource;
  const others = entries.filter((entry) => !isMine(entry));
  const conflicts = conflictsOf(wanted, ownedFields(ownable(current), kinds), others);
  if (conflicts.length > 0 && !request.force) throw conflictError(conflicts);
  const taken = new Set(conflicts.map(({ text }) => text));
  const left = others.flatMap((entry) => without(entry, taken));
  const mine = entries.find(isMine);
  const dropped = [...fromFieldsV1(mine?.fieldsV1)].filter((text) => !wanted.has(text));
  const merged = mergeFields(current, wanted, dropped, left);
  const entry = entryOf(request, current.apiVersion, wanted.keys());
  const isUnchanged = mine !== undefined && isDeepStrictEqual(mine.fieldsV1, entry.fieldsV1) && taken.size === 0;
  return withEntries(merged, isUnchanged ? entries : [...left, entry]);
}

/** The owners after a write that was no apply: what it changed is the writer's and nobody else's. */
export function ownersAfterUpdate(
  current: KubernetesObject,
  next: KubernetesObject,
  { manager, subresource, kinds, now }: Omit<ApplyRequest, 'force'>,
): KubernetesObject {
  const entries = managedFieldsOf(current);
  if (entries.length === 0) return next;
  const before = ownedFields(ownable(current), kinds);
  const after = ownedFields(ownable(next), kinds);
  const changed = new Set<string>();
  for (const [text, field] of after) {
    if (!isDeepStrictEqual(before.get(text)?.value, field.value) || !before.has(text)) changed.add(text);
  }
  const gone = [...before.keys()].filter((text) => !after.has(text));
  if (changed.size + gone.length === 0) return withEntries(next, entries);
  const isWriter = (entry: ManagedFieldsEntry): boolean =>
    entry.operation === 'Update' && entry.manager === manager && entry.subresource === subresource;
  const known = entries.find(isWriter);
  const lost = new Set([...changed, ...gone]);
  const rest = entries.filter((entry) => entry !== known).flatMap((entry) => without(entry, lost));
  const held = [...fromFieldsV1(known?.fieldsV1)].filter((text) => after.has(text));
  const owned = new Set([...held, ...changed]);
  if (owned.size === 0) return withEntries(next, rest);
  const fields = entryOf({ manager, subresource, now }, next.apiVersion, owned);
  return withEntries(next, [...rest, { ...fields, operation: 'Update' }]);
}

/** What of a configuration counts: the status alone, or everything but it where it has a path of its own. */
function appliedPart(configuration: Fields, subresource: string | undefined): Fields {
  const { status, ...rest } = configuration;
  const metadata = isFields(configuration['metadata']) ? configuration['metadata'] : {};
  if (metadata['managedFields'] !== undefined && metadata['managedFields'] !== null) {
    throw badRequest('metadata.managedFields must be nil');
  }
  if (subresource === 'status') return status === undefined ? {} : { status };
  return ownable({ ...rest, metadata });
}

/** The object without what nobody owns. */
function ownable(object: Fields): Fields {
  const { apiVersion: _a, kind: _k, metadata, ...rest } = object;
  const owned = Object.entries(isFields(metadata) ? metadata : {}).filter(([name]) => !NOT_APPLIED.has(name));
  return owned.length === 0 ? rest : { ...rest, metadata: Object.fromEntries(owned) };
}

interface Conflict {
  readonly text: string;
  readonly owner: ManagedFieldsEntry;
}

function conflictsOf(
  wanted: ReadonlyMap<string, OwnedField>,
  there: ReadonlyMap<string, OwnedField>,
  others: readonly ManagedFieldsEntry[],
): readonly Conflict[] {
  return others.flatMap((owner) =>
    [...fromFieldsV1(owner.fieldsV1)].flatMap((text) => {
      const field = wanted.get(text);
      const isConflict = field !== undefined && !isDeepStrictEqual(field.value, there.get(text)?.value);
      return isConflict ? [{ text, owner }] : [];
    }),
  );
}

/** 409 as the API server says it: `Apply failed with 1 conflict: conflict with "kubectl" using v1: .spec.x`. */
function conflictError(conflicts: readonly Conflict[]): ApiError {
  const causes = conflicts.map(({ text, owner }) => ({
    reason: 'FieldManagerConflict' as FieldError['reason'],
    message: `conflict with "${owner.manager}" using ${owner.apiVersion}`,
    field: shownPath(text),
  }));
  const count = `${causes.length} conflict${causes.length === 1 ? '' : 's'}`;
  const lines = causes.map(({ message, field }) => `${message}: ${field}`).join('\n');
  return new ApiError(409, 'Conflict', `Apply failed with ${count}: ${lines}`, { causes });
}

const shownPath = (text: string): string =>
  pathOfText(text)
    .map((step) =>
      'field' in step
        ? `.${step.field}`
        : `[${Object.entries(step.key)
            .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
            .join(',')}]`,
    )
    .join('');

function mergeFields(
  current: KubernetesObject,
  wanted: ReadonlyMap<string, OwnedField>,
  dropped: readonly string[],
  others: readonly ManagedFieldsEntry[],
): KubernetesObject {
  const kept = new Set(others.flatMap((entry) => [...fromFieldsV1(entry.fieldsV1)]));
  // An item goes before its fields, whose key it is found by, and only when nobody owns anything in it.
  const going = dropped.filter((text) => !isHeld(text, kept)).sort((a, b) => a.length - b.length);
  let merged: unknown = current;
  for (const text of going) merged = withoutValue(merged, pathOfText(text));
  for (const { path, value } of wanted.values()) merged = withValue(merged, path, value);
  return merged as KubernetesObject;
}

const isHeld = (text: string, kept: ReadonlySet<string>): boolean => {
  const inside = text.slice(0, -1);
  return kept.has(text) || (isItem(text) && [...kept].some((other) => other.startsWith(`${inside},`)));
};

const isItem = (text: string): boolean => stepName(pathOfText(text).at(-1) ?? { field: '' }).startsWith('k:');

/** The entry without the paths; nothing when it owned no others. */
function without(entry: ManagedFieldsEntry, paths: ReadonlySet<string>): readonly ManagedFieldsEntry[] {
  const owned = [...fromFieldsV1(entry.fieldsV1)];
  const left = owned.filter((text) => !paths.has(text));
  if (left.length === owned.length) return [entry];
  return left.length === 0 ? [] : [{ ...entry, fieldsV1: toFieldsV1(left) }];
}

/** The entries of an object; what it had before anybody applied is owned by a manager of that name. */
function entriesOf(current: KubernetesObject, kinds: ListKinds, now: string): readonly ManagedFieldsEntry[] {
  const entries = managedFieldsOf(current);
  if (entries.length > 0) return entries;
  const fields = ownedFields(ownable(current), kinds);
  if (fields.size === 0) return [];
  const entry = entryOf({ manager: BEFORE, subresource: undefined, now }, current.apiVersion, fields.keys());
  return [{ ...entry, operation: 'Update' }];
}

const entryOf = (
  { manager, subresource, now }: Pick<ApplyRequest, 'manager' | 'subresource' | 'now'>,
  apiVersion: string,
  texts: Iterable<string>,
): ManagedFieldsEntry => ({
  manager,
  operation: 'Apply',
  apiVersion,
  time: now,
  fieldsType: 'FieldsV1',
  fieldsV1: toFieldsV1([...texts].sort()),
  ...(subresource === undefined ? {} : { subresource }),
});

const withEntries = (object: KubernetesObject, managedFields: readonly ManagedFieldsEntry[]): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, managedFields } as KubernetesObject['metadata'],
});

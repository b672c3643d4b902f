import { fieldFilter, labelFilter, type ObjectFilter } from '../storage/selectors.js';
import { ApiError, badRequest, type FieldError, invalid } from './api-error.js';

/** The query parameters of a list or watch (API type `ListOptions`). */
export interface ListOptions {
  readonly filter: ObjectFilter;
  /** True where a selector narrows the list: the server then does not know how many items remain. */
  readonly selective: boolean;
  readonly watch: boolean;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string | undefined;
  readonly limit: number;
  readonly continueToken: string;
  readonly timeoutSeconds: number | undefined;
  readonly bookmarks: boolean;
  readonly sendInitialEvents: boolean;
}

const isTrue = (value: string | null): boolean => value === 'true' || value === '1' || value === '';

/** Reads the query of a list or watch of a resource. Throws 400 or 422 for what the API server refuses. */
export function listOptions(query: URLSearchParams, resource: string, name?: string): ListOptions {
  const labels = query.get('labelSelector') ?? '';
  const fields = [query.get('fieldSelector') ?? '', name === undefined ? '' : `metadata.name=${name}`];
  const fieldText = fields.filter((part) => part !== '').join(',');
  const byLabels = labelFilter(labels);
  const byFields = fieldFilter(fieldText, resource);
  const options = {
    filter: ((object) => byLabels(object) && byFields(object)) satisfies ObjectFilter,
    selective: labels !== '' || fieldText !== '',
    watch: query.has('watch') && isTrue(query.get('watch')),
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? undefined,
    limit: numberOf(query, 'limit') ?? 0,
    continueToken: query.get('continue') ?? '',
    timeoutSeconds: numberOf(query, 'timeoutSeconds'),
    bookmarks: query.has('allowWatchBookmarks') && isTrue(query.get('allowWatchBookmarks')),
    sendInitialEvents: query.has('sendInitialEvents') && isTrue(query.get('sendInitialEvents')),
  };
  checkCombination(options);
  return options;
}

/** The combinations that the API server forbids (apimachinery `ValidateListOptions`). */
function checkCombination(options: ListOptions): void {
  const errors: FieldError[] = [];
  const forbid = (field: string, detail: string): void => {
    errors.push({ field, reason: 'FieldValueForbidden', message: `Forbidden: ${detail}` });
  };
  const { resourceVersionMatch: match, watch, sendInitialEvents, resourceVersion, continueToken } = options;
  if (sendInitialEvents && !watch) forbid('sendInitialEvents', 'sendInitialEvents is forbidden for list');
  if (watch && sendInitialEvents && match !== 'NotOlderThan') {
    forbid(
      'resourceVersionMatch',
      'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan for watch requests',
    );
  }
  if (watch && !sendInitialEvents && match !== undefined) {
    forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
  }
  if (!watch && match !== undefined && resourceVersion === '') {
    forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided');
  }
  if (match !== undefined && continueToken !== '') {
    forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided');
  }
  if (errors.length > 0) throw invalid('meta.k8s.io', 'ListOptions', '', errors);
}

/** The revision that a `resourceVersion` names. Throws 400 for what is no number. */
export function revisionOf(resourceVersion: string): number {
  if (!/^\d+$/.test(resourceVersion)) {
    throw badRequest(`invalid resource version ${JSON.stringify(resourceVersion)}: a decimal number was expected`);
  }
  return Number(resourceVersion);
}

/** 504: the client has seen a revision that this server has not reached (`storage.NewTooLargeResourceVersionError`). */
export const tooLarge = (asked: number, current: number): ApiError =>
  new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ field: '', reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });

function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d+$/.test(text)) throw badRequest(`${name}: ${JSON.stringify(text)} is not a whole number`);
  return Number(text);
}

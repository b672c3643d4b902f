import type { KubernetesObject } from '#model/kubernetes';

/** One column of a table that the server prints (API type `TableColumnDefinition`), and what a row shows in it. */
export interface TableColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: 'name';
  /** Columns of priority 1 show with `-o wide` only. */
  readonly priority: 0 | 1;
  readonly description: string;
  readonly value: (object: KubernetesObject, now: number) => unknown;
}

/** Makes a column; `wide` columns have priority 1. */
export const column = (
  name: string,
  value: TableColumn['value'],
  options: { readonly wide?: true; readonly type?: TableColumn['type'] } = {},
): TableColumn => ({
  name,
  type: options.type ?? 'string',
  priority: options.wide === true ? 1 : 0,
  description: `${name} of the object`,
  value,
});

/** The columns that every table begins and ends with. */
export const NAME: TableColumn = { ...column('Name', (object) => object.metadata.name), format: 'name' };
export const AGE: TableColumn = column('Age', (object, now) => ageOf(object.metadata.creationTimestamp, now));

/** The time since a timestamp, as kubectl shows it (apimachinery `duration.HumanDuration`). */
export function ageOf(timestamp: string | undefined, now: number): string {
  if (timestamp === undefined) return '<unknown>';
  const seconds = Math.max(0, Math.floor((now - Date.parse(timestamp)) / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return both(minutes, 'm', seconds % 60, 's');
  if (hours < 3) return `${minutes}m`;
  if (hours < 8) return both(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  return days < 8 ? both(days, 'd', hours % 24, 'h') : `${days}d`;
}

const both = (major: number, majorUnit: string, minor: number, minorUnit: string): string =>
  minor === 0 ? `${major}${majorUnit}` : `${major}${majorUnit}${minor}${minorUnit}`;

import type { KubernetesObject } from '#model/kubernetes';
import { KubernetesExpiredError, KubernetesStatusError, KubernetesStreamError } from './errors.js';
import { isRecord, type ResourceSpec, trimmed } from './resource.js';

/** What a line of a watch says. `resourceVersion` is where a later watch goes on from. */
export type WatchEvent =
  | { readonly type: 'changed' | 'removed'; readonly object: KubernetesObject; readonly resourceVersion: string }
  | { readonly type: 'bookmark'; readonly resourceVersion: string };

/**
 * Reads one line (API concepts, "Efficient detection of changes"). Throws {@link KubernetesExpiredError} for an expired
 * version, {@link KubernetesStatusError} for another error event, {@link KubernetesStreamError} for anything else.
 */
export function readWatchLine(line: string, spec: ResourceSpec): WatchEvent {
  const { type, object } = parsed(line, spec);
  if (type === 'ERROR') throw errorOf(object, spec);
  const version = isRecord(object['metadata']) ? object['metadata']['resourceVersion'] : undefined;
  if (typeof version !== 'string') throw unreadable(spec, `${type} without a resourceVersion`, line);
  if (type === 'BOOKMARK') return { type: 'bookmark', resourceVersion: version };
  const change = CHANGES[type];
  if (change === undefined) throw unreadable(spec, `an event of type ${type}`, line);
  const found = trimmed(object, spec);
  if (found === undefined) throw unreadable(spec, `${type} without a name`, line);
  return { type: change, object: found, resourceVersion: version };
}

const CHANGES: Readonly<Record<string, 'changed' | 'removed'>> = {
  ADDED: 'changed',
  MODIFIED: 'changed',
  DELETED: 'removed',
};

function parsed(line: string, spec: ResourceSpec): { readonly type: string; readonly object: Record<string, unknown> } {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    throw unreadable(spec, 'a line that is not JSON', line);
  }
  if (!isRecord(event) || typeof event['type'] !== 'string' || !isRecord(event['object'])) {
    throw unreadable(spec, 'a line that is not an event', line);
  }
  return { type: event['type'], object: event['object'] };
}

function errorOf(status: Record<string, unknown>, { path }: ResourceSpec): Error {
  const said = [status['message'], status['reason']].find((text) => typeof text === 'string');
  const message = `${path}: the watch ended: ${said ?? 'no reason given'}`;
  const isExpired = status['code'] === 410 || status['reason'] === 'Expired' || status['reason'] === 'Gone';
  if (isExpired) return new KubernetesExpiredError(message);
  return new KubernetesStatusError(typeof status['code'] === 'number' ? status['code'] : 0, message);
}

const SHOWN = 80;

const unreadable = ({ path }: ResourceSpec, what: string, line: string): KubernetesStreamError =>
  new KubernetesStreamError(`${path}: the watch sent ${what}: ${line.slice(0, SHOWN)}`);

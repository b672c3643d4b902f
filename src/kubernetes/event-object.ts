import type { KubernetesObject } from '#model/kubernetes';
import { contentHash } from '#model/naming';
import type { ClusterEvent } from '#ports';
import type { NamedObject } from './object-path.js';

/** How often something happened since the last time that it was told, and when. */
export interface Occurrences {
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly first: number;
  readonly last: number;
}

/** Longest message that the API takes (API type `core/v1.Event`). */
const MESSAGE_LIMIT = 1024;
/** Longest name of an object, less a dot and the hash. */
const NAME_LIMIT = 253 - 15;

const COMPONENT = 'aci-gateway';

/** What makes two events one: the same said of the same object. */
export const eventKey = ({ object, type, reason, message }: ClusterEvent): string =>
  JSON.stringify([object, type, reason, message]);

/**
 * Where an event is kept: in the namespace of its object, or in `default` (API validation of events), by a name that follows
 * from what it says, so that a gateway that restarts counts on instead of saying it again. And from the uid: what is said of an object
 * that was made anew under its name would else count up an event of the one before, which nobody finds who looks at the new one.
 */
export const eventPlace = (event: ClusterEvent, { namespace, name }: NamedObject, uid: string) => ({
  namespace: namespace ?? 'default',
  name: `${name.slice(0, NAME_LIMIT)}.${contentHash(`${eventKey(event)} ${uid}`)}`,
});

/** The event as an object of `v1`, which `kubectl describe` reads. */
export function eventObject(
  event: ClusterEvent,
  about: NamedObject,
  uid: string,
  { count, first, last }: Occurrences,
): KubernetesObject {
  const { kind, namespace, name } = about;
  const involved = { apiVersion: kind.apiVersion, kind: kind.kind, name, uid };
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: eventPlace(event, about, uid),
    involvedObject: namespace === undefined ? involved : { ...involved, namespace },
    type: event.type,
    reason: event.reason,
    message: shortened(event.message),
    source: { component: COMPONENT },
    reportingComponent: COMPONENT,
    reportingInstance: COMPONENT,
    count,
    firstTimestamp: timestamp(first),
    lastTimestamp: timestamp(last),
  };
}

/** The change of an event that happened again. */
export const eventRepeated = (total: number, last: number) => ({ count: total, lastTimestamp: timestamp(last) });

const shortened = (message: string): string =>
  message.length <= MESSAGE_LIMIT ? message : `${message.slice(0, MESSAGE_LIMIT - 2)} …`;

/** RFC 3339 without fractions, as the API writes times of `meta/v1`. */
const timestamp = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;

import { ApiError } from './api-error.js';

/** What a client accepts, as far as this server makes a difference. */
export interface Accepted {
  /** Parameters of the chosen media type: `as`, `g` and `v` of a Table, of partial metadata, of aggregated discovery. */
  readonly as: string | undefined;
  readonly group: string | undefined;
  readonly version: string | undefined;
}

const PLAIN: Accepted = { as: undefined, group: undefined, version: undefined };

const OFFERED: readonly Accepted[] = [
  PLAIN,
  { as: 'Table', group: 'meta.k8s.io', version: 'v1' },
  { as: 'Table', group: 'meta.k8s.io', version: 'v1beta1' },
  { as: 'PartialObjectMetadata', group: 'meta.k8s.io', version: 'v1' },
  { as: 'PartialObjectMetadataList', group: 'meta.k8s.io', version: 'v1' },
  { as: 'APIGroupDiscoveryList', group: 'apidiscovery.k8s.io', version: 'v2' },
];

/** The first media type of an Accept header that the server has (RFC 9110 §12.5.1). Throws 406 when it has none. */
export function negotiate(accept: string | undefined): Accepted {
  if (accept === undefined || accept.trim() === '') return PLAIN;
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    if (!['application/json', 'application/*', '*/*', 'application/yaml'].includes(type)) continue;
    const named = Object.fromEntries(parameters.map((part) => part.split('=', 2)));
    const found = OFFERED.find(
      (offer) =>
        offer.as === named.as && (offer.as === undefined || (offer.group === named.g && offer.version === named.v)),
    );
    if (found !== undefined) return found;
  }
  throw new ApiError(406, 'NotAcceptable', 'only the following media types are accepted: application/json', {});
}

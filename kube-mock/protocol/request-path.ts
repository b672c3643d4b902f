/** What a path of the API names. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly namespace: string | undefined;
  readonly plural: string;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/**
 * Reads a path below `/api/v1` or `/apis/<group>/<version>` (API concepts, "Resource URIs"): a collection, an object,
 * or a subresource, in a namespace or not. Undefined when it is none.
 */
export function resourcePath(pathname: string): ResourcePath | undefined {
  const parts = pathname.split('/').filter((part) => part !== '');
  const decoded = parts.map(decodeURIComponent);
  const [root] = decoded;
  const group = root === 'apis' ? decoded[1] : root === 'api' ? '' : undefined;
  if (group === undefined) return undefined;
  const rest = decoded.slice(root === 'apis' ? 2 : 1);
  const [version, ...tail] = rest;
  if (version === undefined || tail.length === 0) return undefined;
  // `namespaces/x/status` and `namespaces/x/finalize` are subresources of the Namespace itself.
  const scoped =
    tail[0] === 'namespaces' && tail.length >= 3 && !(tail.length === 3 && isNamespaceSubresource(tail[2]));
  const [plural = '', name, subresource, ...more] = scoped ? tail.slice(2) : tail;
  if (more.length > 0) return undefined;
  return { group, version, namespace: scoped ? tail[1] : undefined, plural, name, subresource };
}

const isNamespaceSubresource = (part: string | undefined): boolean => part === 'status' || part === 'finalize';

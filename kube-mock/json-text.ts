import type { KubernetesObject } from '#model/kubernetes';

const texts = new WeakMap<KubernetesObject, string>();

/** The JSON text of a stored object, made once however many lists and watches send it. */
export function objectText(object: KubernetesObject): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const text = JSON.stringify(object);
  texts.set(object, text);
  return text;
}

/**
 * The JSON text of an item of a typed list: the API server leaves `kind` and `apiVersion` out of the items of built-in
 * lists, and clients must cope. Stored objects begin with these two fields.
 */
export function itemText(object: KubernetesObject): string {
  const prefix = `{"kind":${JSON.stringify(object.kind)},"apiVersion":${JSON.stringify(object.apiVersion)},`;
  const text = objectText(object);
  return text.startsWith(prefix) ? `{${text.slice(prefix.length)}` : text;
}

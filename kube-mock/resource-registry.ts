import { fieldAt, type KubernetesObject, listAt, textAt } from '#model/kubernetes';
import { BUILT_IN_RESOURCES } from './built-in-resources.js';
import { type ResourceType, resourceKey } from './resource-type.js';

/** The resources that the server serves now: the built-in ones and those of CustomResourceDefinitions. */
export class ResourceRegistry {
  readonly #types = new Map<string, ResourceType>();

  constructor() {
    for (const type of BUILT_IN_RESOURCES) this.#types.set(resourceKey(type), type);
  }

  /** All resources, in the order in which they came. */
  all(): readonly ResourceType[] {
    return [...this.#types.values()];
  }

  /** The resource at a group, version and plural; its `version` is the one asked for. */
  find(group: string, version: string, plural: string): ResourceType | undefined {
    const type = this.#types.get(resourceKey({ group, plural }));
    return type?.versions.includes(version) === true ? { ...type, version } : undefined;
  }

  /** The resource with a storage key (`pods`, `networkpolicies.networking.k8s.io`). */
  byKey(key: string): ResourceType | undefined {
    return this.#types.get(key);
  }

  /** The resource that an object belongs to. */
  ofObject(object: { readonly apiVersion: string; readonly kind: string }): ResourceType | undefined {
    const cut = object.apiVersion.indexOf('/');
    const group = cut === -1 ? '' : object.apiVersion.slice(0, cut);
    const version = object.apiVersion.slice(cut + 1);
    for (const type of this.#types.values()) {
      if (type.group === group && type.kind === object.kind && type.versions.includes(version)) {
        return { ...type, version };
      }
    }
    return undefined;
  }

  /** Serves the resource of a CustomResourceDefinition from now on. */
  define(definition: KubernetesObject): void {
    const type = customResource(definition);
    this.#types.set(resourceKey(type), type);
  }

  /** Serves a CustomResourceDefinition's resource no longer. */
  undefine(definition: KubernetesObject): void {
    this.#types.delete(resourceKey(customResource(definition)));
  }
}

/** The resource that a CustomResourceDefinition describes (API type `CustomResourceDefinitionSpec`). */
export function customResource(definition: KubernetesObject): ResourceType {
  const served = listAt(definition, 'spec', 'versions').filter((version) => fieldAt(version, 'served') !== false);
  const storage = served.find((version) => fieldAt(version, 'storage') === true) ?? served[0];
  const names = fieldAt(definition, 'spec', 'names');
  const version = textAt(storage, 'name') ?? 'v1';
  const subresources = fieldAt(storage, 'subresources');
  return {
    group: textAt(definition, 'spec', 'group') ?? '',
    version,
    versions: [version, ...served.map((item) => textAt(item, 'name') ?? '').filter((name) => name !== version)],
    plural: textAt(names, 'plural') ?? '',
    singular: textAt(names, 'singular') ?? (textAt(names, 'kind') ?? '').toLowerCase(),
    kind: textAt(names, 'kind') ?? '',
    namespaced: textAt(definition, 'spec', 'scope') === 'Namespaced',
    shortNames: texts(listAt(names, 'shortNames')),
    categories: texts(listAt(names, 'categories')),
    subresources: (['status', 'scale'] as const).filter((name) => fieldAt(subresources, name) !== undefined),
    custom: true,
  };
}

const texts = (values: readonly unknown[]): readonly string[] =>
  values.filter((value): value is string => typeof value === 'string');

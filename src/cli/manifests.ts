import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError, messageOf } from '#errors';
import { isFields, type KubernetesObject, objectName } from '#model/kubernetes';
import type { Finding, FindingCode } from '#model/policy';
import { isIgnoredGroup, isKnownKind, isNamespaced } from './known-kinds.js';
import { type ManifestDocument, readDocuments } from './manifest-documents.js';
import { readMetadata, wrongField } from './manifest-metadata.js';

/** Objects read from manifests, where each one stands, and what could not be read. */
export interface Manifests {
  readonly objects: readonly KubernetesObject[];
  /** `file:line` by `Kind/namespace/name`. */
  readonly places: ReadonlyMap<string, string>;
  readonly findings: readonly Finding[];
}

/** How {@link loadManifests} reads. */
export interface LoadOptions {
  /** Objects of kinds that Kubernetes does not know are left out without a word. */
  readonly ignoreUnknownKinds: boolean;
}

/**
 * Reads Kubernetes manifests (YAML or JSON, several documents a file, Lists) from a file, a folder with everything below
 * it, or standard input for `-`; from several such places in their order. A document that cannot be read is a finding, and all others are read. Throws
 * {@link InvalidInputError} only when a place itself cannot be read, or holds no document: that is no empty cluster, but a
 * mistake.
 */
export function loadManifests(from: string | readonly string[], options: LoadOptions): Manifests {
  const collected = new Collection(options);
  for (const place of typeof from === 'string' ? [from] : from) {
    const found = texts(place).flatMap(({ name, text }) => readDocuments(name, text));
    if (found.length === 0) throw new InvalidInputError(`${place === '-' ? STANDARD_INPUT : place}: ${NOTHING}`);
    for (const document of found) collected.add(document);
  }
  return collected.result();
}

const STANDARD_INPUT = '(standard input)';
const NOTHING =
  'holds no document; expected Kubernetes objects as YAML or JSON (in a folder: in files .yaml, .yml or .json). A cluster without any is a List without items';

function texts(from: string): readonly { readonly name: string; readonly text: string }[] {
  try {
    if (from === '-') return [{ name: STANDARD_INPUT, text: readFileSync(0, 'utf8') }];
    if (!statSync(from).isDirectory()) return [{ name: from, text: readFileSync(from, 'utf8') }];
    const files = readdirSync(from, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ya?ml|json)$/.test(file))
      .sort();
    return files.map((file) => ({ name: join(from, file), text: readFileSync(join(from, file), 'utf8') }));
  } catch (error) {
    throw new InvalidInputError(`${from}: cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

class Collection {
  readonly #options: LoadOptions;
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #places = new Map<string, string>();
  readonly #findings: Finding[] = [];

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  result(): Manifests {
    return { objects: [...this.#objects.values()], places: this.#places, findings: this.#findings };
  }

  add(document: ManifestDocument): void {
    const { place } = document;
    if ('problem' in document) {
      const message = `${place}: not YAML: ${document.problem}; the document is left out`;
      this.#report('UNPARSABLE_DOCUMENT', place, message);
    } else if (isFields(document.value)) {
      this.#addObject(place, document.value);
    } else {
      const message = `${place}: expected a Kubernetes object, found something else; it is left out`;
      this.#report('UNPARSABLE_DOCUMENT', place, message);
    }
  }

  #addObject(place: string, value: Readonly<Record<string, unknown>>): void {
    const { kind, apiVersion, metadata } = value;
    if (typeof kind !== 'string' || typeof apiVersion !== 'string') {
      const problem =
        typeof kind === 'string' ? wrongField('apiVersion', 'text', apiVersion) : wrongField('kind', 'text', kind);
      this.#report(
        'INVALID_OBJECT',
        place,
        `${place}: ${problem}; every object needs apiVersion and kind. It is left out`,
      );
      return;
    }
    if (kind === 'List' || (kind.endsWith('List') && 'items' in value)) {
      this.#addItems(place, { ...value, kind, apiVersion });
      return;
    }
    if (isIgnoredGroup(apiVersion)) return;
    const reading = readMetadata(metadata);
    if ('metadata' in reading) {
      this.#keep(place, { ...value, kind, apiVersion, metadata: reading.metadata });
      return;
    }
    const name = asObject(metadata)['name'];
    const object = `${kind}/${typeof name === 'string' && name !== '' ? name : '(no name)'}`;
    this.#report('INVALID_OBJECT', object, `${place}: ${reading.problem}; the object is left out`);
  }

  /** A list without items is empty, as the API writes it. */
  #addItems(
    place: string,
    list: { readonly kind: string; readonly apiVersion: string; readonly items?: unknown },
  ): void {
    const { kind, apiVersion, items } = list;
    if (!Array.isArray(items ?? [])) {
      const problem = wrongField('items', 'a list', items);
      this.#report('INVALID_OBJECT', place, `${place}: ${kind}: ${problem}; the whole of it is left out`);
      return;
    }
    for (const item of Array.isArray(items) ? items : []) {
      this.#addObject(place, { ...asObject(item), ...listItemType(kind, apiVersion) });
    }
  }

  #keep(place: string, given: KubernetesObject): void {
    const { kind, apiVersion } = given;
    if (!isKnownKind(apiVersion, kind) && !this.#isDefined(apiVersion, kind)) {
      if (this.#options.ignoreUnknownKinds) return;
      const advice = 'correct it, define it by a CustomResourceDefinition before it, or use --ignore-unknown-kinds';
      this.#report(
        'UNKNOWN_KIND',
        objectName(given),
        `${place}: kind: no ${kind} in ${apiVersion}; it is left out: ${advice}`,
      );
      return;
    }
    const object = withNamespace(given);
    const name = objectName(object);
    const key = `${apiVersion.split('/')[0]} ${name}`;
    if (this.#objects.has(key)) {
      const other = this.#places.get(name);
      this.#report(
        'DUPLICATE_OBJECT',
        name,
        `${place}: metadata.name: the same object is at ${other}; the later one is used`,
      );
    }
    this.#objects.set(key, object);
    this.#places.set(name, place);
  }

  /** Whether a CustomResourceDefinition that came before defines the kind. */
  #isDefined(apiVersion: string, kind: string): boolean {
    return [...this.#objects.values()].some((object) => {
      if (object.kind !== 'CustomResourceDefinition') return false;
      const spec = asObject(object['spec']);
      return spec['group'] === apiVersion.split('/')[0] && asObject(spec['names'])['kind'] === kind;
    });
  }

  #report(code: FindingCode, object: string, message: string): void {
    this.#findings.push({ code, severity: 'error', object, message });
  }
}

/** Items of a typed list carry no type of their own, or a null one; those of kind List do. */
const listItemType = (kind: string, apiVersion: string): Readonly<Record<string, unknown>> =>
  kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) };

/** Manifests without a namespace go to `default`, as kubectl sends them there. */
function withNamespace(object: KubernetesObject): KubernetesObject {
  if (typeof object.metadata.namespace === 'string' || !isNamespaced(object.kind)) return object;
  return { ...object, metadata: { ...object.metadata, namespace: 'default' } };
}

const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

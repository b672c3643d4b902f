import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { messageOf } from '#errors';
import { expandWorkloads, type KubernetesObject } from '#model/kubernetes';
import type { Requirement } from './requirement.js';

/** Public policies, workloads and truth tables beside the repository. They are read there; nothing of them is copied. */
const PUBLIC = fileURLToPath(new URL('../../../../shared/corpus/', import.meta.url));
/** Cases of our own in the same layout. */
const OWN = fileURLToPath(new URL('../../../test/own-corpus/', import.meta.url));

/** Whether the suites run on our own cases: the public corpus is not there, or ACIGW_CORPUS says `own`. */
export const isOwnCorpus = process.env['ACIGW_CORPUS'] === 'own' || !existsSync(join(PUBLIC, 'expected.json'));
const ROOT = isOwnCorpus ? OWN : PUBLIC;

/** The public corpus, for what asks about its own content. */
export const policyCorpus: Requirement = {
  name: 'the policy corpus beside the repository (../shared/corpus)',
  optional: true,
  met: () => !isOwnCorpus,
};

/** What a suite counts: in the public corpus, and in our own. */
export const counted = (inPublic: number, inOwn: number): number => (isOwnCorpus ? inOwn : inPublic);

/** Full path of a file or folder of the corpus. */
export const corpusPath = (path: string): string => join(ROOT, path);

/** The content of a JSON file of the corpus. */
export const corpusJson = (path: string): unknown => JSON.parse(readFileSync(corpusPath(path), 'utf8')) as unknown;

/** Names of the entries of a folder of the corpus, sorted. */
export const corpusEntries = (path: string): readonly string[] => readdirSync(corpusPath(path)).sort();

/** Every object of the files, workloads expanded to pods; of two objects of one name the later one counts, as on a server. */
export function corpusObjects(paths: readonly string[]): readonly KubernetesObject[] {
  const objects = new Map<string, KubernetesObject>();
  for (const path of paths) {
    for (const object of manifestObjects(readFileSync(corpusPath(path), 'utf8'))) {
      const { kind, metadata } = object;
      objects.set(`${kind} ${metadata.namespace ?? 'default'}/${metadata.name}`, object);
    }
  }
  return expandWorkloads([...objects.values()]);
}

/** The topmost owner of a pod, as far as the objects tell: the pod itself when nothing owns it. */
export function ownerOf(pod: KubernetesObject, objects: readonly KubernetesObject[]): { kind: string; name: string } {
  const [reference] = pod.metadata.ownerReferences ?? [];
  if (reference === undefined) return { kind: pod.kind, name: pod.metadata.name };
  const { kind = 'Pod', name } = reference as { readonly kind?: string; readonly name: string };
  const owner = objects.find(
    (object) =>
      object.kind === kind && object.metadata.name === name && object.metadata.namespace === pod.metadata.namespace,
  );
  return owner === undefined ? { kind, name } : ownerOf(owner, objects);
}

/** The objects of a file, those of lists included; what has no name (a values file, an item without a kind) is no object. */
export function manifestObjects(text: string): readonly KubernetesObject[] {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => itemsOf(document.toJS())).filter((object) => isObject(object));
}

/** Items of a typed list carry no type of their own, or a null one. */
function itemsOf(value: unknown): readonly unknown[] {
  const { kind, apiVersion, items } = (value ?? {}) as Partial<KubernetesObject>;
  if (kind === undefined || !kind.endsWith('List') || !Array.isArray(items)) return [value];
  const type = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) };
  return items.map((item: object) => ({ ...item, ...type }));
}

const isObject = (value: unknown): value is KubernetesObject => {
  const { kind, metadata } = (value ?? {}) as Partial<KubernetesObject>;
  return typeof kind === 'string' && typeof metadata?.name === 'string';
};

/** Runs a check and puts the case's name before what it fails with. */
export function inCase<Result>(name: string, check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    throw new Error(`${name}: ${messageOf(error)}`, { cause: error });
  }
}

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { KubernetesObject } from '#model/kubernetes';

/** Text of a CustomResourceDefinition of the project, by its plural name. */
export const crdText = (plural: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../deploy/crds/${plural}.yaml`, import.meta.url)), 'utf8');

/** A CustomResourceDefinition of the project, by its plural name. */
export const crd = (plural: string): KubernetesObject => parse(crdText(plural)) as KubernetesObject;

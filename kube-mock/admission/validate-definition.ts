import { fieldAt, type KubernetesObject, listAt, textAt } from '#model/kubernetes';
import type { FieldError } from '../protocol/api-error.js';
import { invalidValue, notSupported, required } from './field-errors.js';

/** Checks a CustomResourceDefinition's names, scope and versions (API type `CustomResourceDefinitionSpec`). */
export function validateCustomResourceDefinition(definition: KubernetesObject): readonly FieldError[] {
  const group = textAt(definition, 'spec', 'group') ?? '';
  const plural = textAt(definition, 'spec', 'names', 'plural') ?? '';
  const scope = fieldAt(definition, 'spec', 'scope');
  const versions = listAt(definition, 'spec', 'versions');
  const stored = versions.filter((version) => fieldAt(version, 'storage') === true);
  return [
    ...(definition.metadata.name === `${plural}.${group}`
      ? []
      : [invalidValue('metadata.name', definition.metadata.name, 'must be spec.names.plural+"."+spec.group')]),
    ...(group === '' ? [required('spec.group')] : []),
    ...(plural === '' ? [required('spec.names.plural')] : []),
    ...((textAt(definition, 'spec', 'names', 'kind') ?? '') === '' ? [required('spec.names.kind')] : []),
    ...(scope === 'Namespaced' || scope === 'Cluster'
      ? []
      : [notSupported('spec.scope', scope ?? '', ['Cluster', 'Namespaced'])]),
    ...(stored.length === 1
      ? []
      : [invalidValue('spec.versions', versions.length, 'must have exactly one version marked as storage version')]),
  ];
}

import { type KubernetesObject, textAt } from '#model/kubernetes';
import type { FieldError } from '../protocol/api-error.js';
import { invalidValue } from './field-errors.js';

/** An event is in the namespace of what it is about, or in `default` (apis/core/validation `legacyValidateEvent`). */
export function validateEvent(event: KubernetesObject): readonly FieldError[] {
  const about = textAt(event, 'involvedObject', 'namespace') ?? '';
  const { namespace = '' } = event.metadata;
  const isRight = about === '' ? namespace === 'default' || namespace === 'kube-system' : about === namespace;
  return isRight ? [] : [invalidValue('involvedObject.namespace', about, 'does not match event.namespace')];
}

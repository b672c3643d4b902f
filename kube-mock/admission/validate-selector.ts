import { fieldAt, listAt, textAt, wordOf } from '#model/kubernetes';
import type { FieldError } from '../protocol/api-error.js';
import { forbiddenField, invalidValue, required } from './field-errors.js';
import { labelValue, qualifiedName } from './name-rules.js';
import { validateLabels } from './validate-metadata.js';

/** Checks a label selector (apimachinery `ValidateLabelSelector`). */
export function validateSelector(selector: unknown, field: string): readonly FieldError[] {
  const expressions = listAt(selector, 'matchExpressions');
  return [
    ...validateLabels(fieldAt(selector, 'matchLabels'), `${field}.matchLabels`),
    ...expressions.flatMap((expression, index) =>
      validateExpression(expression, `${field}.matchExpressions[${index}]`),
    ),
  ];
}

function validateExpression(expression: unknown, field: string): readonly FieldError[] {
  const key = textAt(expression, 'key') ?? '';
  const operator = textAt(expression, 'operator') ?? '';
  const values = listAt(expression, 'values');
  const wrongKey = qualifiedName(key);
  return [
    ...validateOperator(operator, values, field),
    ...(wrongKey === undefined ? [] : [invalidValue(`${field}.key`, key, wrongKey)]),
    ...values.flatMap((value, index) => {
      const wrong = labelValue(wordOf(value));
      return wrong === undefined ? [] : [invalidValue(`${field}.values[${index}]`, value, wrong)];
    }),
  ];
}

function validateOperator(operator: string, values: readonly unknown[], field: string): readonly FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0
        ? []
        : [required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0
        ? []
        : [forbiddenField(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    default:
      return [invalidValue(`${field}.operator`, operator, 'not a valid selector operator')];
  }
}

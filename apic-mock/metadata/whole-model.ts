import { classNames, classRow, propertiesOf } from '#model/aci';
import { containedClasses, rnMap } from './containment.js';

/** One class of `/acimeta/aci-meta.json`: classes by their plain names, `fvTenant`. */
interface ModelClass {
  readonly label: string;
  readonly isAbstract: false;
  readonly isConfigurable: boolean;
  readonly identifiedBy: readonly string[];
  readonly rnFormat: string;
  readonly contains: Readonly<Record<string, ''>>;
  readonly rnMap: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, { readonly isConfigurable: boolean }>>;
}

/**
 * All classes of the table in the form of `/acimeta/aci-meta.json`: what pyaci builds its objects from, and
 * terraform-provider-aci and the release script of cisco.aci look through for classes without `annotation`.
 */
export const wholeModel = (): { readonly classes: Readonly<Record<string, ModelClass>> } => ({
  classes: Object.fromEntries(classNames().map((name) => [name, modelClass(name)])),
});

function modelClass(className: string): ModelClass {
  const row = classRow(className);
  const properties = Object.entries(propertiesOf(className));
  return {
    label: row?.label ?? '',
    isAbstract: false,
    isConfigurable: row?.configurable !== false,
    identifiedBy: row?.naming ?? [],
    rnFormat: row?.rn ?? '',
    contains: Object.fromEntries(containedClasses(className).map((name) => [name, '' as const])),
    rnMap: rnMap(className),
    properties: Object.fromEntries(
      properties.map(([name, spec]) => [name, { isConfigurable: spec.readonly !== true }]),
    ),
  };
}

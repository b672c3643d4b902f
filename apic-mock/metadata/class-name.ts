/** A class's package and its name within it: `fvTenant` → `fv`, `Tenant`; `l3extOut` → `l3ext`, `Out`. */
export function splitClassName(className: string): readonly [string, string] {
  const [, pkg = '', name = className] = /^([a-z0-9]+)([A-Z].*)$/.exec(className) ?? [];
  return [pkg, name];
}

/** The class as metadata spells it: `fv:Tenant`. */
export const colonName = (className: string): string => splitClassName(className).join(':');

/**
 * An answer other than success: HTTP status, and code and text of the `error` object in imdata. The code is not the
 * HTTP status (apic-protocol.md §4). Thrown anywhere below the HTTP server, turned into a reply there and nowhere else.
 */
export class ApicError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: number, text: string) {
    super(text);
    this.name = 'ApicError';
    this.status = status;
    this.code = String(code);
  }
}

/** The request cannot be read, or names what the model does not have: code 400 (apic-protocol.md §3.4, §4). */
export const badRequest = (text: string): ApicError => new ApicError(400, 400, text);

/**
 * An option with a value that it does not have: code 8, the default standing between underscores. Captured for
 * `rsp-subtree` on an APIC of 2018 (ansible/ansible#40912); the other options are taken to say the same.
 */
export const incorrectArgument = (option: string, words: readonly string[]): ApicError =>
  new ApicError(400, 8, `${option} argument is incorrect (possible options: ${words.join('|')})`);

/** A Dn that the model does not allow (apic-protocol.md §2.1; the code is niwaki's). */
export const invalidDn = (dn: string, rn: string, position: number): ApicError =>
  new ApicError(400, 107, `Invalid DN ${dn}, wrong rn prefix ${rn} at position ${position}`);

/** An RN that cannot stand in a Dn (code 104, apic-protocol.md §3.4). */
export const invalidRn = (rn: string): ApicError => new ApicError(400, 104, `Invalid RN ${rn}`);

/** A class in a request body that the model does not have (code 122, apic-protocol.md §3.4). */
export const unknownManagedClass = (className: string): ApicError =>
  new ApicError(400, 122, `unknown managed object class ${className}`);

/** A class in a query option or a filter that the model does not have (code 122, apic-protocol.md §2.3). */
export const classNotFound = (className: string): ApicError => new ApicError(400, 122, `class ${className} not found`);

/** A property in a filter or an order that its class does not have (code 121, apic-protocol.md §2.3). */
export const propertyNotFound = (className: string, property: string): ApicError =>
  new ApicError(400, 121, `Prop '${property}' not found in class '${className}' property table`);

/** A filter that cannot be read, or whose value does not fit the property (code 301, apic-protocol.md §2.3). */
export const filterError = (text: string): ApicError => new ApicError(400, 301, text);

/** A value outside of the property's type: enum, bitmask, number, address (code 120, apic-protocol.md §3.4). */
export const unknownValue = (className: string, property: string, value: string, dn: string): ApicError =>
  new ApicError(
    400,
    120,
    `unknown property value ${value}, , name ${property}, class ${className} [(Dn0)] Dn0=${dn}, `,
  );

/** A value of the right type that fails a length, range or regular expression (code 801, apic-protocol.md §3.4). */
export const failedValidation = (property: string, dn: string, value: string): ApicError =>
  new ApicError(400, 801, `property ${property} of ${dn} failed validation for value '${value}'`);

/** An object without its name (code 822, apic-protocol.md §3.1). */
export const namingNotSet = (className: string, property: string): ApicError =>
  new ApicError(400, 822, `naming property ('${className}.${property}') is not set.`);

/** A property or class that only the APIC writes (code 170, apic-protocol.md §3.4). */
export const implicitProperty = (className: string): ApicError =>
  new ApicError(400, 170, `Admin implicit props cannot be modified, class=${className}`);

/** A name that differs from the Dn, or a create-only property changed. The text is known, its code is not: 1 stands in. */
export const createOnlyProperty = (className: string, property: string): ApicError =>
  new ApicError(
    400,
    1,
    `Create-only and naming props cannot be modified after creation, class=${className}, prop=${property}`,
  );

/** Status `modified` for what is not there, or an object below a parent that is not there (code 102, §3.2). */
export const configuredObjectNotFound = (dn: string): ApicError =>
  new ApicError(400, 102, `configured object ((Dn0)) not found Dn0=${dn}, `);

/** Status `created` for what is there (code 103, §3.2). */
export const alreadyExists = (label: string, className: string, dn: string): ApicError =>
  new ApicError(400, 103, `Cannot create ${label} (${className}); object ${dn} already exists.`);

/** The same object twice below one parent of a request (code 103, §3.4). */
export const alreadyAttached = (className: string): ApicError =>
  new ApicError(400, 103, `child (Rn) of class ${className} is already attached.`);

/** An object that lives and dies with the APIC itself (code 1, §3.2). */
export const cannotBeDeleted = (label: string, dn: string): ApicError =>
  new ApicError(400, 1, `${label} ${dn} cannot be deleted.`);

/** A child that the model does not allow there (code 400, apic-protocol.md §3.4). */
export const cannotContain = (rn: string, parentDn: string): ApicError =>
  badRequest(`Invalid request. Can not contain child '${rn}' under parent '${parentDn}'`);

/** A rule on a text: undefined when it holds, else what is wrong, in the API server's words (`util/validation`). */
export type TextRule = (text: string) => string | undefined;

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

const matching =
  (pattern: string, maximum: number, message: string): TextRule =>
  (text) => {
    if (text.length > maximum) return `must be no more than ${maximum} characters`;
    return new RegExp(`^${pattern}$`).test(text) ? undefined : message;
  };

const labelPattern = matching(
  LABEL,
  63,
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
);

/** RFC 1123 label: names of Namespaces, Services and containers. */
export const dnsLabel: TextRule = (text) => (text.includes('.') ? 'must not contain dots' : labelPattern(text));

/** RFC 1123 subdomain: names of most objects. */
export const dnsSubdomain = matching(
  SUBDOMAIN,
  253,
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
);

/** A path segment: names of RBAC objects, which may hold colons and capitals. */
export const pathSegment: TextRule = (text) => {
  if (text === '.' || text === '..') return `may not be '${text}'`;
  return /[/%]/.test(text) ? "may not contain '/' or '%'" : undefined;
};

const labelValuePattern = matching(
  `(${QUALIFIED})?`,
  63,
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
);

/** The value of a label. */
export const labelValue: TextRule = (text) =>
  text.length > 63 ? 'must be no more than 63 bytes' : labelValuePattern(text);

const namePart = matching(
  QUALIFIED,
  63,
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
);

/** The key of a label or annotation: a name, with a DNS subdomain and `/` before it or not. */
export const qualifiedName: TextRule = (text) => {
  const parts = text.split('/');
  if (parts.length > 2) {
    return "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
  }
  const prefix = parts.length === 2 ? parts[0] : undefined;
  const name = parts.at(-1) ?? '';
  if (prefix === '') return 'prefix part must be non-empty';
  const wrong = prefix === undefined ? undefined : dnsSubdomain(prefix);
  if (wrong !== undefined) return `prefix part ${wrong}`;
  if (name === '') return 'name part must be non-empty';
  return name.length > 63 ? 'name part must be no more than 63 bytes' : namePart(name);
};

/** The name of a port (IANA service name, RFC 6335 §5.1). */
export const portName: TextRule = (text) => {
  if (text.length < 1 || text.length > 15) return 'must be no more than 15 characters';
  if (!/^[-a-z0-9]+$/.test(text)) return 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)';
  if (!/[a-z]/.test(text)) return 'must contain at least one letter (a-z)';
  if (text.includes('--')) return 'must not contain consecutive hyphens';
  return text.startsWith('-') || text.endsWith('-') ? 'must not begin or end with a hyphen' : undefined;
};

/** The number of a port. */
export const portNumber = (port: unknown): string | undefined =>
  typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535
    ? undefined
    : 'must be between 1 and 65535, inclusive';

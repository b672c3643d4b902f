/** Comments and CDATA, which are skipped, and start tags with their attributes, of XML that is known to be well-formed. */
const TOKEN = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<[^/!?][^\s/>]*((?:[^>"']|"[^"]*"|'[^']*')*)>/g;

const ATTRIBUTE = /([^\s=/]+)\s*=\s*(?:"[^"]*"|'[^']*')/g;

/**
 * Where a start tag begins that has the same attribute twice: no XML (XML 1.0, section 3.1), and the parser keeps the
 * first without a word. Undefined when no tag has. The time grows with the length of the text.
 */
export function duplicateAttribute(xml: string): number | undefined {
  for (const token of xml.matchAll(TOKEN)) {
    const names = [...(token[1] ?? '').matchAll(ATTRIBUTE)].map(([, name]) => name);
    if (new Set(names).size < names.length) return token.index;
  }
  return undefined;
}

import { badRequest } from '../apic-error.js';

/**
 * The text of the file in a body of `multipart/form-data`, whatever the content type says of its boundary: clients that
 * upload (cobra and aci-go-client to `/api/ppi`, apic-protocol.md §2.1) send one. A body that is no form is the file
 * itself. Throws code 400 for a form without a file; the APIC's text for that is not known.
 */
export function uploadedFile(body: string): string {
  const [, boundary] = /^\s*(--[^\r\n]+)\r?\n/.exec(body) ?? [];
  if (boundary === undefined) return body;
  for (const part of body.split(boundary)) {
    const [, head = '', content] = /^\r?\n([\s\S]*?)\r?\n\r?\n([\s\S]*?)\r?\n$/.exec(part) ?? [];
    if (content !== undefined && /content-disposition:[^\n]*filename=/i.test(head)) return content;
  }
  throw badRequest('Request failed, the form holds no file');
}

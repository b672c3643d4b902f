const page = (title: string): string =>
  [
    '<html>',
    `<head><title>${title}</title></head>`,
    '<body>',
    `<center><h1>${title}</h1></center>`,
    '<hr><center>Cisco APIC</center>',
    '</body>',
    '</html>',
    '',
  ].join('\r\n');

/** The page that nginx answers with where no API is; clients look for its last lines (apic-protocol.md §0). */
export const NOT_FOUND_PAGE = page('404 Not Found');

/** nginx's answer to a URL beyond its buffer (apic-protocol.md §2.3). */
export const URL_TOO_LONG_PAGE = page('414 Request-URI Too Large');

/** nginx's answer to what is no HTTP, such as a method in lower case (apic-protocol.md §0). */
export const BAD_REQUEST_PAGE = page('400 Bad Request');

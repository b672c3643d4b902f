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

/** nginx's answer to a body beyond its limit: likely on an APIC, not captured (apic-protocol.md §3.4, §10). */
export const BODY_TOO_LARGE_PAGE = page('413 Request Entity Too Large');

/** nginx's answer to logins that come too fast (apic-protocol.md §1.4). */
export const UNAVAILABLE_PAGE = page('503 Service Temporarily Unavailable');

/** nginx's answer that clients of throttled APICs saw now and then (apic-protocol.md §1.4). */
export const NOT_ALLOWED_PAGE = page('405 Not Allowed');

/** nginx's answer to what is no HTTP, such as a method in lower case (apic-protocol.md §0). */
export const BAD_REQUEST_PAGE = page('400 Bad Request');

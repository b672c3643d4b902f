/** What nginx calls each status. */
const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Not Allowed',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

/**
 * The page with which nginx answers by itself, before any API: for paths that are none of the API's, URLs and bodies that
 * are too long, logins that come too fast. Clients look for its last lines (apic-protocol.md §0, §1.4, §2.3).
 */
export function nginxPage(status: number): string {
  const title = `${status} ${TITLES[status] ?? 'Error'}`;
  return [
    '<html>',
    `<head><title>${title}</title></head>`,
    '<body>',
    `<center><h1>${title}</h1></center>`,
    '<hr><center>Cisco APIC</center>',
    '</body>',
    '</html>',
    '',
  ].join('\r\n');
}

/** An answer of nginx instead of the API's. */
export class NginxRefusal extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`nginx answers ${status}`);
    this.name = 'NginxRefusal';
    this.status = status;
  }
}

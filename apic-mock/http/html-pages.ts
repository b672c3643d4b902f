/** The page that nginx answers with where no API is; clients look for its last lines (apic-protocol.md §0). */
export const NOT_FOUND_PAGE = [
  '<html>',
  '<head><title>404 Not Found</title></head>',
  '<body>',
  '<center><h1>404 Not Found</h1></center>',
  '<hr><center>Cisco APIC</center>',
  '</body>',
  '</html>',
  '',
].join('\r\n');

import type { Finding } from '#model/policy';

/** Writes findings that are more than information to stderr, a line each. */
export function writeFindings(findings: readonly Finding[]): void {
  for (const { severity, object, message } of findings) {
    const what = message.startsWith(object) ? message : `${object}: ${message}`;
    if (severity !== 'info') process.stderr.write(`${severity}: ${what}\n`);
  }
}

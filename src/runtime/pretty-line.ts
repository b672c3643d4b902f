/** A JSON log line as a line for people: `12:00:01.234 WARN  message  key=value`. */
export function prettyLine(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const clock = String(time).slice(11, 23);
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${shown(value)}`);
  return `${[clock, String(level).toUpperCase().padEnd(5), String(msg), ...rest].join(' ')}\n`;
}

function shown(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return /[\s="]/.test(value) ? JSON.stringify(value) : value;
}

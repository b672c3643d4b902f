import { pino } from 'pino';
import type { Logger } from '#ports';
import { masked } from './mask.js';
import { prettyLine } from './pretty-line.js';

/** How {@link createLogger} writes. */
export interface LoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Lines for people instead of JSON lines. */
  readonly pretty: boolean;
  /** Takes the finished lines; the process's stderr when left out. stdout belongs to a command's output. */
  readonly write?: (line: string) => void;
}

/** A logger over pino. Secret fields are masked at any depth, errors become their code and message without a stack. */
export function createLogger(options: LoggerOptions): Logger {
  const write = options.write ?? ((line: string): void => void process.stderr.write(line));
  const destination = { write: options.pretty ? (line: string): void => write(prettyLine(line)) : write };
  const log = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: masked },
    },
    destination,
  );
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
  };
}

/** A logger that writes nothing. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

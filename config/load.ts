import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { z } from 'zod';
import { InvalidInputError, messageOf } from '#errors';
import { type Configuration, configurationSchema } from './schema.js';

/** The configuration with nothing set. */
export const defaultConfiguration = (): Configuration => configurationSchema.parse({});

/**
 * Reads a configuration file (YAML or JSON). Throws {@link InvalidInputError} with one line a problem: the file, the
 * field's path, and what was expected.
 */
export function loadConfiguration(file: string): Configuration {
  return parseConfiguration(file, readText(file));
}

/** Reads a configuration from text; `name` stands for it in messages. */
export function parseConfiguration(name: string, text: string): Configuration {
  let value: unknown;
  try {
    value = parse(text) ?? {};
  } catch (error) {
    throw new InvalidInputError(`${name}: not YAML: ${messageOf(error)}`, { cause: error });
  }
  const result = configurationSchema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${fieldOf(issue)}: ${issue.message}`);
  throw new InvalidInputError(`${name}: ${problems.join('; ')}`);
}

/**
 * The APIC user's password: from the environment (ACIGW_APIC_PASSWORD), a file, or the configuration, in this order.
 * Throws {@link InvalidInputError} when there is none.
 */
export function apicPassword(apic: NonNullable<Configuration['apic']>, environment: NodeJS.ProcessEnv): string {
  const given = environment['ACIGW_APIC_PASSWORD'];
  if (given !== undefined && given !== '') return given;
  if (apic.passwordFile !== undefined) return readSecret(apic.passwordFile);
  if (apic.password !== undefined) return apic.password;
  throw new InvalidInputError('apic: no password; set apic.passwordFile, or ACIGW_APIC_PASSWORD in the environment');
}

/** A password from a file, without the line end that editors leave. */
export const readSecret = (file: string): string => readText(file).replace(/\r?\n$/, '');

/** Text of a file that the configuration names. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidInputError(`${file}: cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function fieldOf(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  return path === '' ? '(top)' : path;
}

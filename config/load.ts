import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { InvalidInputError, messageOf } from '#errors';
import { fabricSettings, foreignEpgs, nodeEpg } from './fabric-settings.js';
import { readYaml } from './read-yaml.js';
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
  const result = configurationSchema.safeParse(readYaml(name, text) ?? {});
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${fieldOf(issue)}: ${issue.message}`);
    throw new InvalidInputError(`${name}: ${problems.join('; ')}`);
  }
  try {
    checkFabric(result.data);
  } catch (error) {
    throw inConfiguration(name, error);
  }
  return result.data;
}

/** Reads what the schema does not: Dns and addresses. */
function checkFabric(configuration: Configuration): void {
  fabricSettings(configuration);
  foreignEpgs(configuration);
  nodeEpg(configuration);
}

/** The error, with the file's name before what is wrong with a configuration; another error as it is. */
export const inConfiguration = (name: string, error: unknown): unknown =>
  error instanceof InvalidInputError ? new InvalidInputError(`${name}: ${error.message}`, { cause: error }) : error;

/** A file that a configuration or an option names and that cannot be used. */
export class UnusableFileError extends InvalidInputError {
  readonly file: string;

  constructor(file: string, problem: string, options: ErrorOptions = {}) {
    super(`${file}: ${problem}`, options);
    this.file = file;
  }
}

/** How the gateway says to the APIC who it is; exactly one of the two. */
export interface ApicLogin {
  readonly password?: string;
  /** Name of the user's certificate on the APIC, and PEM of its private key. */
  readonly certificate?: { readonly name: string; readonly key: string };
}

/**
 * The signing key when the configuration names one, else the password ({@link apicPassword}). Throws
 * {@link InvalidInputError} when a file cannot be read, or when the environment holds a password beside a key.
 */
export function apicLogin(apic: NonNullable<Configuration['apic']>, environment: NodeJS.ProcessEnv): ApicLogin {
  const { certificateName: name, keyFile } = apic;
  if (name === undefined || keyFile === undefined) return { password: apicPassword(apic, environment) };
  if ((environment['ACIGW_APIC_PASSWORD'] ?? '') !== '') {
    throw new InvalidInputError(
      'apic: certificateName and keyFile sign every request, and ACIGW_APIC_PASSWORD is set in the environment; use one of them',
    );
  }
  return { certificate: { name, key: readText(keyFile) } };
}

/** The certificates of the CAs that the APIC's certificate is verified against, PEM; undefined for those of the system. */
export const apicCa = ({ ca, caFile }: NonNullable<Configuration['apic']>): string | undefined =>
  caFile === undefined ? ca : readText(caFile);

/**
 * The APIC user's password: from the environment (ACIGW_APIC_PASSWORD), a file, or the configuration, in this order.
 * Throws {@link InvalidInputError} when there is none.
 */
export function apicPassword(apic: NonNullable<Configuration['apic']>, environment: NodeJS.ProcessEnv): string {
  const given = environment['ACIGW_APIC_PASSWORD'];
  if (given !== undefined && given !== '') return given;
  if (apic.passwordFile !== undefined) return readSecret(apic.passwordFile);
  if (apic.password !== undefined) return apic.password;
  throw new InvalidInputError(
    'apic: no password; set apic.passwordFile, or ACIGW_APIC_PASSWORD in the environment, or sign with apic.certificateName and apic.keyFile',
  );
}

/** A password from a file, without the line end that editors leave. Throws {@link InvalidInputError} when there is none in it. */
export function readSecret(file: string): string {
  const secret = readText(file).replace(/\r?\n$/, '');
  if (secret === '') throw new UnusableFileError(file, 'is empty; expected one line with the secret');
  return secret;
}

/**
 * The token of the gateway's own API from a file. Throws {@link InvalidInputError} when it is none that a header can carry; says
 * nothing of it.
 */
export function readToken(file: string): string {
  const token = readSecret(file);
  if (/^[\x21-\x7E]+$/.test(token)) return token;
  throw new UnusableFileError(file, 'expected a token: one line of visible ASCII characters without spaces');
}

/** Text of a file that the configuration names. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UnusableFileError(file, `cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function fieldOf(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  return path === '' ? '(top)' : path;
}

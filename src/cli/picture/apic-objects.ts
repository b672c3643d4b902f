import { type Configuration, hasUser, inConfiguration, UnusableFileError } from '#config';
import { GatewayError, InvalidInputError, messageOf } from '#errors';
import { mirrorScopes } from '#mappers';
import { COMMON_TENANT, type FlatObject } from '#model/aci';
import type { FabricSettings } from '#model/settings';
import type { ApicPort, FabricScope } from '#ports';
import { silentLogger } from '#runtime';
import { apicPort } from '../gateway-process.js';

/** How to reach an APIC from a command line; what is left out is as `apic` in the configuration says. */
export interface ApicArguments {
  readonly apic?: readonly string[];
  readonly user?: string;
  readonly passwordFile?: string;
  readonly ca?: string;
}

/** Classes that the gateway never writes, and that decide all the same what an admin's objects let pass. */
const ADMIN_CLASSES = ['fvRsNodeAtt', 'fvRsSecInherited'] as const;

const COMMON = `uni/tn-${COMMON_TENANT}`;

/** What relations of the tenant may find in `common` (apic-protocol.md §6.3). */
const COMMON_CLASSES = [
  'fvCtx',
  'fvBD',
  'fvRsCtx',
  'vzBrCP',
  'vzSubj',
  'vzInTerm',
  'vzOutTerm',
  'vzRsFiltAtt',
  'vzRsSubjFiltAtt',
  'vzFilter',
  'vzEntry',
  'tagAnnotation',
] as const;

const DEFAULTS = {
  user: 'admin',
  insecureSkipTlsVerify: false,
  format: 'json',
  timeoutSeconds: 30,
  subscriptionSeconds: 900,
  relistSeconds: 3600,
} as const;

/**
 * The configuration with what the command line says of the APIC in its place. Throws {@link InvalidInputError} for a URL with a
 * user in it.
 */
export function withApic(configuration: Configuration, given: ApicArguments): Configuration {
  const { apic: urls, user, passwordFile, ca } = given;
  if (urls === undefined && configuration.apic === undefined) return configuration;
  if (urls?.some(hasUser) === true) {
    throw new InvalidInputError('--apic: expected a URL without user and password; use --user and --password-file');
  }
  const before = configuration.apic;
  // A password on the command line is instead of a key in the configuration, and a CA instead of the one there.
  const instead = {
    ...(passwordFile === undefined ? {} : { certificateName: undefined, keyFile: undefined }),
    ...(ca === undefined ? {} : { ca: undefined }),
  };
  const apic = {
    ...(before ?? DEFAULTS),
    ...instead,
    urls: [...(urls ?? before?.urls ?? [])],
    ...(user === undefined ? {} : { user }),
    ...(passwordFile === undefined ? {} : { passwordFile }),
    ...(ca === undefined ? {} : { caFile: ca }),
  };
  return { ...configuration, apic };
}

/** What the command line names beside the manifests: the file of the configuration, and what is instead of things in it. */
export type ApicPlaces = ApicArguments & { readonly config?: string };

/**
 * The APIC client of a command. Throws {@link InvalidInputError} for what is wrong with the configuration, with its file's name;
 * without it for a file that an option names.
 */
export function apicFor(
  configuration: Configuration,
  { config, passwordFile, ca }: ApicPlaces,
  environment: NodeJS.ProcessEnv,
): ApicPort {
  try {
    return apicPort(configuration, silentLogger, environment);
  } catch (error) {
    const isOfOption = error instanceof UnusableFileError && [passwordFile, ca].includes(error.file);
    throw config === undefined || isOfOption ? error : inConfiguration(config, error);
  }
}

/**
 * Reads from the APIC every object that decides what may pass: the tenant, the access objects, and what the tenant's
 * relations may find in `common`. Throws {@link InvalidInputError} with the reason when it cannot be read.
 */
export async function readApicObjects(client: ApicPort, settings: FabricSettings): Promise<readonly FlatObject[]> {
  const signal = new AbortController().signal;
  try {
    const found: FlatObject[] = [];
    for (const scope of scopesOf(settings)) for (const object of await client.list(scope, signal)) found.push(object);
    return found;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    throw new InvalidInputError(messageOf(error), { cause: error });
  } finally {
    await client.close();
  }
}

function scopesOf(settings: FabricSettings): readonly FabricScope[] {
  const scopes = mirrorScopes(settings).map((scope) =>
    scope.dn.startsWith('uni/tn-') ? { ...scope, classes: [...scope.classes, ...ADMIN_CLASSES] } : scope,
  );
  const isListed = scopes.some(({ dn }) => dn === COMMON);
  return isListed ? scopes : [...scopes, { dn: COMMON, classes: COMMON_CLASSES }];
}

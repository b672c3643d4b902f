import { loadConfiguration } from '#config';
import { silentLogger } from '#runtime';
import { carryOutRemoval, planRemoval, type Removal } from '#workers';
import { EXIT } from './exit-codes.js';
import { apicPort } from './gateway-process.js';
import { renderTable } from './table.js';

/** Arguments of `acigw uninstall`. */
export interface UninstallArguments {
  readonly config: string;
  readonly yes: boolean;
  readonly output: 'text' | 'json';
}

/** Version of the output's form; a field may be added under it, never changed or removed. */
export const UNINSTALL_SCHEMA = 'acigw.uninstall/v1';

/** Looks again after a removal: objects that a POST of before made meanwhile go, too. */
const MOST_ROUNDS = 3;

/**
 * Takes away everything on the APIC that carries the mark of the cluster, or says what that is. Exit code 0 when nothing is left,
 * 3 when it was only looked at and there is something, 1 when something is left all the same. Rejects with GatewayError.
 */
export async function uninstallCommand(given: UninstallArguments, environment: NodeJS.ProcessEnv): Promise<number> {
  const configuration = loadConfiguration(given.config);
  const { clusterId } = configuration;
  const apic = apicPort(configuration, silentLogger, environment);
  const { signal } = new AbortController();
  try {
    let removal = await planRemoval(apic, clusterId, signal);
    const first = removal;
    for (let round = 0; given.yes && round < MOST_ROUNDS && removal.objects.length > 0; round += 1) {
      await carryOutRemoval(apic, removal, signal);
      removal = await planRemoval(apic, clusterId, signal);
    }
    process.stdout.write(
      given.output === 'json' ? jsonOf(first, removal, given.yes) : textOf(first, clusterId, given.yes),
    );
    if (removal.objects.length === 0) return EXIT.ok;
    return given.yes ? EXIT.failed : EXIT.changes;
  } finally {
    await apic.close();
  }
}

function jsonOf({ objects }: Removal, left: Removal, removed: boolean): string {
  const rows = objects.map(({ className, dn }) => ({ className, dn }));
  const output = {
    schema: UNINSTALL_SCHEMA,
    removed,
    objects: rows,
    left: removed ? left.objects.length : rows.length,
  };
  return `${JSON.stringify(output, null, 2)}\n`;
}

function textOf({ objects }: Removal, clusterId: string, removed: boolean): string {
  if (objects.length === 0) return `nothing on the APIC belongs to cluster '${clusterId}'\n`;
  const table = renderTable(
    ['CLASS', 'OBJECT'],
    objects.map(({ className, dn }) => [className, dn]),
  );
  const last = removed
    ? `removed ${objects.length} objects of cluster '${clusterId}' with all below them`
    : `${objects.length} objects of cluster '${clusterId}' would go with all below them; --yes removes them`;
  return `${table}\n\n${last}\n`;
}

import { loadConfiguration } from '#config';
import type { FlatObject } from '#model/aci';
import { planRemoval, type Removal, type RemovalResult, remove } from '#workers';
import { EXIT } from './exit-codes.js';
import { apicFor } from './picture/apic-objects.js';
import { renderTable } from './table.js';

/** Arguments of `acigw uninstall`. */
export interface UninstallArguments {
  readonly config: string;
  readonly yes: boolean;
  readonly withOthers: boolean;
  readonly output: 'text' | 'json';
}

/** Version of the output's form; a field may be added under it, never changed or removed. */
export const UNINSTALL_SCHEMA = 'acigw.uninstall/v1';

/**
 * Takes away everything on the APIC that carries the mark of the cluster, or says what that is. Where others configured something
 * below that, it goes with it or, unless that was asked for, nothing goes. Exit code 0 when nothing is left, 3 when it was only
 * looked at and there is something, 1 when something is left all the same. Rejects with GatewayError.
 */
export async function uninstallCommand(given: UninstallArguments, environment: NodeJS.ProcessEnv): Promise<number> {
  const configuration = loadConfiguration(given.config);
  const { clusterId } = configuration;
  const apic = apicFor(configuration, { config: given.config }, environment);
  const { signal } = new AbortController();
  try {
    const result = given.yes
      ? await remove(apic, { clusterId, withOthers: given.withOthers }, signal)
      : onlyFound(await planRemoval(apic, clusterId, signal));
    const outcome = { ...result, clusterId, done: doneBy(given, result) };
    process.stdout.write(given.output === 'json' ? jsonOf(outcome) : textOf(outcome));
    if (result.left.objects.length === 0) return EXIT.ok;
    if (!given.yes) return EXIT.changes;
    process.stderr.write(`acigw: ${whyLeft(outcome)}\n`);
    return EXIT.failed;
  } finally {
    await apic.close();
  }
}

interface Outcome extends RemovalResult {
  readonly clusterId: string;
  readonly done: 'looked' | 'refused' | 'removed';
}

const onlyFound = (found: Removal): RemovalResult => ({ found, left: found });

function doneBy({ yes }: UninstallArguments, { found, left }: RemovalResult): Outcome['done'] {
  if (!yes) return 'looked';
  return found.objects.length > 0 && left === found ? 'refused' : 'removed';
}

const rowsOf = (objects: readonly FlatObject[]): readonly { readonly className: string; readonly dn: string }[] =>
  objects.map(({ className, dn }) => ({ className, dn }));

function jsonOf({ found, left, done }: Outcome): string {
  const output = {
    schema: UNINSTALL_SCHEMA,
    removed: done === 'removed',
    objects: rowsOf(found.objects),
    others: rowsOf(found.others),
    left: left.objects.length,
  };
  return `${JSON.stringify(output, null, 2)}\n`;
}

function textOf(outcome: Outcome): string {
  const { objects, others } = outcome.found;
  if (objects.length === 0) return `nothing on the APIC belongs to cluster '${outcome.clusterId}'\n`;
  const table = (headings: readonly string[], rows: readonly FlatObject[]): string =>
    renderTable(
      headings,
      rows.map(({ className, dn }) => [className, dn]),
    );
  const ours = table(['CLASS', 'OBJECT'], objects);
  const theirs = others.length === 0 ? [] : [table(['OF OTHERS', 'BELOW THEM'], others)];
  return `${[ours, ...theirs, lastLine(outcome)].join('\n\n')}\n`;
}

function lastLine({ found, clusterId, done }: Outcome): string {
  const ours = `${found.objects.length} objects of cluster '${clusterId}'`;
  if (done === 'refused') return 'nothing was removed';
  if (done === 'removed') return `removed ${ours} with all below them`;
  if (found.others.length === 0) return `${ours} would go with all below them; --yes removes them`;
  return `${ours} would go, but --yes removes nothing as long as others have objects below them; with --with-others these go, too`;
}

function whyLeft({ left, clusterId }: Outcome): string {
  if (left.others.length === 0) {
    return `${left.objects.length} objects of cluster '${clusterId}' are left; does its gateway still run?`;
  }
  const where = `below those of cluster '${clusterId}' and would go with them`;
  return `${left.others.length} objects of others are ${where}: move or remove them, or give --with-others`;
}

import { groupPools } from '#mappers';
import type { CompiledPolicy } from '#model/policy';
import { EMPTY_ALLOCATION } from '#model/policy';
import { compile } from '#policy';
import { INPUT_CODES, placed } from '../compile-command.js';
import { EXIT } from '../exit-codes.js';
import { writeFindings } from '../finding-lines.js';
import { loadPolicyState, type PolicyArguments } from '../picture/policy-state.js';
import { listCell, renderTable } from '../table.js';
import { type Reach, reachOf, type Subject } from './reach.js';

/** Arguments of `acigw matrix`. */
export interface MatrixArguments extends PolicyArguments {
  readonly by: 'group' | 'pod';
  readonly output: 'text' | 'json';
}

/** Version of the output's form; a field may be added under it, never changed or removed. */
export const MATRIX_SCHEMA = 'acigw.matrix/v1';

/** Prints who may reach whom, by group or by pod. Exit code 2 when some input was not taken as it is. */
export function matrixCommand(given: MatrixArguments): number {
  const { manifests, snapshot, settings, foreignEpgs, nodeEpg } = loadPolicyState(given);
  const compiled = compile(snapshot, EMPTY_ALLOCATION, { ...groupPools(settings), foreignEpgs, nodeEpg });
  const findings = [...manifests.findings, ...snapshot.findings.map((finding) => placed(finding, manifests))];
  writeFindings(findings);
  const subjects = subjectsOf(compiled, given.by);
  const reach = reachOf(compiled, subjects);
  process.stdout.write(given.output === 'json' ? jsonOf(given.by, subjects, reach) : `${textOf(reach)}\n`);
  return findings.some(({ code }) => INPUT_CODES.has(code)) ? EXIT.badInput : EXIT.ok;
}

/** Groups, or pods beside the groups of what is outside; groups without pods reach nobody and are left out. */
function subjectsOf({ groups }: CompiledPolicy, by: 'group' | 'pod'): readonly Subject[] {
  return groups.flatMap((group): readonly Subject[] => {
    if (group.kind !== 'pods') return [{ name: group.name, group }];
    if (by === 'pod') return group.members.map((name) => ({ name, group }));
    return group.members.length === 0 ? [] : [{ name: group.name, group }];
  });
}

function textOf(reach: readonly Reach[]): string {
  const rows = reach.map(({ source, family, connections, destinations, everyone, except }) => [
    source,
    family === 'ip' ? connections : `${connections} (${family})`,
    everyone ? everyoneCell(except) : listCell(destinations, MOST_NAMES),
  ]);
  return renderTable(['FROM', 'MAY OPEN', 'TOWARD'], rows);
}

const MOST_NAMES = 8;

const everyoneCell = (except: readonly string[]): string =>
  except.length === 0 ? 'everyone' : `everyone but ${listCell(except, MOST_NAMES)}`;

function jsonOf(by: 'group' | 'pod', subjects: readonly Subject[], reach: readonly Reach[]): string {
  const rows = reach.map(({ everyone, except, destinations, ...row }) => ({
    ...row,
    destinations: everyone ? '*' : destinations,
    except,
  }));
  const output = { schema: MATRIX_SCHEMA, by, names: subjects.map(({ name }) => name), reach: rows };
  return `${JSON.stringify(output, null, 2)}\n`;
}

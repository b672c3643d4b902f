import { formatConn, formatPrefix } from '#model/net';
import { everyPermit, type Group } from '#model/policy';
import { type PolicyCompiler, resultOf } from '#policy';

/** What a group is, whatever its name: its pods, or its prefixes. */
export const identityOf = (group: Group): string =>
  group.kind === 'pods'
    ? `pods ${group.members.length === 0 ? `of ${group.namespace}` : group.members.join()}`
    : `${group.kind} ${group.prefixes.map(formatPrefix).join()}`;

/** The compiler's result without names and numbers: groups by what they hold, permits with their reasons. */
export function meaningOf(compiler: PolicyCompiler): unknown {
  const result = resultOf(compiler);
  const identities = new Map(result.groups.map((group) => [group.name, identityOf(group)]));
  const compiled = { ...result, findings: [] };
  const permits = everyPermit(compiled).map(({ source, destination, family, connections, why }) => {
    const reasons = why.map(({ policy, direction, rule }) => `${policy} ${direction} ${rule}`);
    return `${identities.get(source)} > ${identities.get(destination)} ${family} ${formatConn(connections)} by ${[...new Set(reasons)].sort().join()}`;
  });
  return {
    groups: [...identities.values()].filter((text) => !text.startsWith('pods of')).sort(),
    permits: permits.sort(),
  };
}

import type { ClusterSnapshot } from '#model/kubernetes';
import type { CompiledPolicy } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import type { EncodedPolicy } from './encoding.js';
import { pathEncoding } from './path-encoding.js';
import { profileEncoding } from './profile-encoding.js';

/** Chooses the encoding of the settings for the groups, and gives VLANs where the compiler did not. Pure. */
export function encodePolicy(
  compiled: CompiledPolicy,
  snapshot: ClusterSnapshot,
  settings: FabricSettings,
): EncodedPolicy {
  if (settings.encoding === 'aep') return { compiled, encoding: profileEncoding(compiled, settings) };
  return pathEncoding(compiled, snapshot, settings);
}

/** Numbers that the compiler gives to groups: VLANs, where the encoding does not give them host by host, and VNIs. */
export const groupPools = ({
  encoding,
  vlanPool,
  vniPool,
}: FabricSettings): { readonly vlanPool: NumberPool | undefined; readonly vniPool: NumberPool | undefined } => ({
  vlanPool: encoding === 'aep' ? vlanPool : undefined,
  vniPool,
});

type NumberPool = NonNullable<FabricSettings['vniPool']>;

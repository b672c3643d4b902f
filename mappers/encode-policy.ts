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

/** VLANs that the compiler gives to groups; undefined where the encoding gives them host by host. */
export const groupVlanPool = ({ encoding, vlanPool }: FabricSettings): FabricSettings['vlanPool'] | undefined =>
  encoding === 'aep' ? vlanPool : undefined;

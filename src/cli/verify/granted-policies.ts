import { type FabricGrants, isOwnFabricPolicy, type KubernetesObject } from '#model/kubernetes';
import { containsPrefix, formatPrefix } from '#model/net';
import type { NetworkPolicyObject, Peer, Rule } from '#policy';

/** A rule of a FabricPolicy. */
interface FabricRule {
  readonly from?: readonly { readonly group: string }[];
  readonly to?: readonly { readonly group: string }[];
  readonly ports?: Rule['ports'];
}

/** Fields of a FabricPolicy that was found to be right. */
interface FabricSpec {
  readonly podSelector: NonNullable<NetworkPolicyObject['spec']['podSelector']>;
  readonly ingress?: readonly FabricRule[];
  readonly egress?: readonly FabricRule[];
}

/** FabricPolicies in the words of NetworkPolicy: a group is the ipBlocks of its addresses. To be given those that are granted. */
export const grantedPolicies = (
  objects: readonly KubernetesObject[],
  grants: FabricGrants,
): readonly NetworkPolicyObject[] =>
  objects.filter(isOwnFabricPolicy).map(({ metadata, spec }) => {
    const { podSelector, ingress, egress } = spec as FabricSpec;
    return {
      metadata,
      spec: {
        podSelector,
        policyTypes: [...(ingress === undefined ? [] : ['Ingress']), ...(egress === undefined ? [] : ['Egress'])],
        ingress: (ingress ?? [])
          .map(({ from = [], ports = [] }) => ({ from: blocks(from, grants), ports }))
          .filter(hasPeers),
        egress: (egress ?? []).map(({ to = [], ports = [] }) => ({ to: blocks(to, grants), ports })).filter(hasPeers),
      },
    };
  });

/** No peers would mean everybody; here they are groups without addresses. */
const hasPeers = ({ from = [], to = [] }: Rule): boolean => [...(from ?? []), ...(to ?? [])].length > 0;

const blocks = (peers: readonly { readonly group: string }[], { groups }: FabricGrants): readonly Peer[] =>
  peers.flatMap(({ group }) => {
    const { prefixes = [], except = [] } = groups.get(group) ?? {};
    return prefixes.map((cidr) => ({
      ipBlock: {
        cidr: formatPrefix(cidr),
        except: except.filter((inner) => containsPrefix(cidr, inner)).map(formatPrefix),
      },
    }));
  });

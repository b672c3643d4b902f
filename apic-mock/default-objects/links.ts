import { type ManagedObject, managedObject } from '#model/aci';
import type { FabricPlan, PlannedNode } from './fabric-plan.js';
import { uplinksOf } from './ports.js';

/**
 * The wires between leaves and spines: `lnkcnt-201/lnk-101-1-49-to-201-1-1` is seen from leaf 101 (apic-protocol.md §6.5).
 * Each end sees its wires, and they stand below the node at the other end: in a public listing leaves and spines both
 * have a container.
 */
export const linksOf = (plan: FabricPlan): readonly ManagedObject[] =>
  plan.nodes
    .filter(({ role }) => role !== 'controller')
    .map((node) => ({ node, links: linksTo(node, plan) }))
    .filter(({ links }) => links.length > 0)
    .map(({ node, links }) => managedObject('fabricLinkCont', { n: String(node.id) }, links));

/** The links that lead to a node; its own uplinks say what stands at the far ends. */
const linksTo = (node: PlannedNode, plan: FabricPlan): readonly ManagedObject[] =>
  uplinksOf(node, plan).map(({ port, peer, peerPort }) => {
    const [s1 = '', p1 = ''] = slotAndPort(peerPort);
    const [s2 = '', p2 = ''] = slotAndPort(port);
    return managedObject('fabricLink', {
      n1: String(peer.id),
      s1,
      p1,
      r1: peer.role,
      n2: String(node.id),
      s2,
      p2,
      r2: node.role,
      linkState: 'ok',
    });
  });

/** `eth1/49` → 1, 49. */
const slotAndPort = (name: string): readonly string[] => name.replace('eth', '').split('/');

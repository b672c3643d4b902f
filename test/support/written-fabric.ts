import assert from 'node:assert/strict';
import { startGateway } from '#cli';
import { parseConfiguration } from '#config';
import { startKubeMock } from '#kube-mock';
import type { KubernetesObject } from '#model/kubernetes';
import { silentLogger } from '#runtime';
import { eventually } from './eventually.js';
import { APIC_USER } from './gateway-stack.js';

/** An admin, apart from the gateway's user. */
export const ADMIN = { name: 'vm-team', password: 'secret-of-the-vms' } as const;

/** A policy that needs an EPG, a contract, a filter, and an external EPG with a prefix. */
const OBJECTS: readonly KubernetesObject[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
    spec: { nodeName: 'node-1', containers: [{ name: 'c', image: 'none' }] },
    status: { phase: 'Running', podIP: '10.244.0.2', podIPs: [{ ip: '10.244.0.2' }] },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      podSelector: { matchLabels: { app: 'web' } },
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ ipBlock: { cidr: '192.0.2.0/24' } }], ports: [{ port: 80 }] }],
    },
  },
];

/** Text of a configuration, for a gateway or a command. `fabric` is the part below `fabric:`, on one line. */
export const configurationOf = (apicUrl: string, clusterId: string, fabric = ''): string => `
clusterId: ${clusterId}
apic: { urls: ['${apicUrl}'], user: ${APIC_USER.name}, password: ${APIC_USER.password} }
api: { port: 0 }
fabric: { ${fabric} }
`;

/** Lets a gateway write an APIC until that is as it should be, and stops it. Gives the text of its configuration. */
export async function writeFabric(apicUrl: string, clusterId: string, fabric = ''): Promise<string> {
  const kube = await startKubeMock();
  kube.apply(OBJECTS);
  const text = configurationOf(apicUrl, clusterId, fabric);
  const configuration = parseConfiguration('test', `${text}kubernetes: { url: '${kube.url}' }\n`);
  const gateway = await startGateway(configuration, silentLogger, {});
  await eventually(() => assert.ok(gateway.state.status().converged, gateway.state.status().waitingFor.join()), 10_000);
  await gateway.stop();
  await kube.stop();
  return text;
}

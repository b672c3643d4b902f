import { fileURLToPath } from 'node:url';
import { startApicMock } from '#apic-mock';
import { type Configuration, defaultConfiguration, loadConfiguration } from '#config';
import { messageOf } from '#errors';
import { type KubeMock, startKubeMock } from '#kube-mock';
import { type KubernetesObject, objectName } from '#model/kubernetes';
import type { Finding } from '#model/policy';
import { createLogger } from '#runtime';
import { EXIT } from '../exit-codes.js';
import { type GatewayProcess, startGateway } from '../gateway-process.js';
import { loadManifests } from '../manifests.js';
import { readJson } from '../mock-commands.js';
import { Progress } from '../progress.js';
import { aborted, stopSignal } from '../stop-signal.js';
import { awaitConvergence } from './convergence.js';
import { type DemoResult, printResult } from './demo-output.js';

/** Arguments of `npm start`. */
export interface DemoArguments {
  /** File or folder of manifests; the sample application when left out. */
  readonly from?: string;
  readonly config?: string;
  /** Exit once converged. */
  readonly once: boolean;
  /** Seconds in which the fabric must converge. */
  readonly timeout: number;
  readonly output: 'text' | 'json';
  readonly verbose: boolean;
}

const EXAMPLE = fileURLToPath(new URL('../../../../examples/shop/', import.meta.url));
const USER = { name: 'admin', password: 'apic-mock' };

/**
 * The whole gateway in one process, on loopback and free ports: a Kubernetes API server, an APIC and the gateway between
 * them, with an application. Exit code 3 when the fabric does not become as desired in time.
 */
export async function demoCommand(given: DemoArguments): Promise<number> {
  const started = Date.now();
  const progress = new Progress(process.stderr);
  const signal = stopSignal();
  const kube = await startKubeMock();
  progress.step(`Kubernetes API server (simulated) at ${kube.url}`);
  const apic = await startApicMock({ tls: { mode: 'none' }, users: [USER] });
  progress.step(`APIC (simulated) at ${apic.url}`);
  let gateway: GatewayProcess | undefined;
  try {
    if (given.from === undefined) apic.load(readJson(`${EXAMPLE}fabric.json`));
    const refused = loadApplication(kube, given.from ?? `${EXAMPLE}kubernetes`, progress);
    // Not the environment's password: that is one of another APIC.
    gateway = await startGateway(demoConfiguration(given, kube.url, apic.url), demoLogger(given), {});
    progress.step(`gateway at ${gateway.url}`);
    const outcome = await awaitConvergence({ gateway, kube, seconds: given.timeout, progress, signal });
    if (signal.aborted) return EXIT.ok;
    if (outcome.kind === 'timeout') {
      progress.fail(`not converged within ${given.timeout} s; waiting for ${outcome.waitingFor.join('; ')}`);
      return EXIT.notConverged;
    }
    progress.done('the fabric is as the cluster wants it');
    const result = demoResult({ kube, apicUrl: apic.url, gateway, seconds: (Date.now() - started) / 1000 });
    printResult(result, [...refused, ...gateway.state.findings()], given.output);
    if (!given.once) await untilStopped(gateway, signal, progress);
    return EXIT.ok;
  } finally {
    await gateway?.stop();
    await apic.stop();
    await kube.stop();
  }
}

async function untilStopped(gateway: GatewayProcess, signal: AbortSignal, progress: Progress): Promise<void> {
  progress.note('running; Ctrl-C stops');
  await Promise.race([aborted(signal), gateway.done]);
  progress.note('stopping');
}

/** Puts the manifests into the API server one by one: an object that is refused does not stop the others. */
function loadApplication(kube: KubeMock, from: string, progress: Progress): readonly Finding[] {
  const { objects, places, findings } = loadManifests(from, { ignoreUnknownKinds: false });
  const refused: Finding[] = [...findings];
  for (const object of namespacesFirst(objects)) {
    try {
      kube.apply([object]);
    } catch (error) {
      const name = objectName(object);
      const message = `${places.get(name) ?? from}: ${messageOf(error)}`;
      refused.push({ code: 'INVALID_OBJECT', severity: 'error', object: name, message });
    }
  }
  const left = refused.length - findings.length;
  progress.step(
    `loaded ${objects.length - left} objects from ${from}${refused.length > 0 ? `, ${refused.length} problems` : ''}`,
  );
  for (const finding of refused) progress.note(finding.message);
  return refused;
}

/** Namespaces before what lives in them; namespaces that only other objects name are made as well. */
function namespacesFirst(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const given = objects.filter((object) => object.kind === 'Namespace');
  const definitions = objects.filter((object) => object.kind === 'CustomResourceDefinition');
  const rest = objects.filter((object) => object.kind !== 'Namespace' && object.kind !== 'CustomResourceDefinition');
  const named = new Set(rest.flatMap((object) => object.metadata.namespace ?? []));
  for (const { metadata } of given) named.delete(metadata.name);
  const implied = [...named].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
  return [...given, ...implied, ...definitions, ...rest];
}

function demoConfiguration(given: DemoArguments, kubernetesUrl: string, apicUrl: string): Configuration {
  const base = demoBase(given);
  return {
    ...base,
    kubernetes: { url: kubernetesUrl },
    apic: {
      urls: [apicUrl],
      user: USER.name,
      password: USER.password,
      insecureSkipTlsVerify: false,
      format: 'json',
      timeoutSeconds: 30,
      subscriptionSeconds: 900,
      relistSeconds: 3600,
    },
    api: { host: '127.0.0.1', port: 0 },
  };
}

/** The sample application comes with the settings of its fabric; other applications get a fabric that is all ours. */
function demoBase({ config, from }: DemoArguments): Configuration {
  if (config !== undefined) return loadConfiguration(config);
  return from === undefined
    ? loadConfiguration(`${EXAMPLE}acigw.yaml`)
    : { ...defaultConfiguration(), clusterId: 'demo' };
}

const demoLogger = ({ verbose }: DemoArguments): ReturnType<typeof createLogger> =>
  createLogger({ level: verbose ? 'debug' : 'warn', pretty: process.stderr.isTTY });

function demoResult(parts: {
  readonly kube: KubeMock;
  readonly apicUrl: string;
  readonly gateway: GatewayProcess;
  readonly seconds: number;
}): DemoResult {
  const { kube, apicUrl, gateway, seconds } = parts;
  const { logins, reads, writes, refreshes } = gateway.state.status().apicRequests;
  return {
    kubernetesUrl: kube.url,
    apicUrl,
    apicUser: USER.name,
    apicPassword: USER.password,
    gatewayUrl: gateway.url,
    groups: gateway.state.groups(),
    contracts: gateway.state.contracts(),
    seconds: Math.round(seconds * 1000) / 1000,
    apicRequests: logins + reads + writes + refreshes,
  };
}

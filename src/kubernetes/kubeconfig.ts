import { Agent, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { messageOf } from '#errors';
import { numberAt } from '#model/kubernetes';
import { KubernetesConfigError } from './errors.js';
import type { ApiConnection, ConnectionSource } from './target.js';

/** What the client library falls back to when it found no configuration at all. */
const NOTHING_FOUND = 'http://localhost:8080';

/** Connections as a kubeconfig, or the pod's service account, says. Everything is read when first used. */
export const kubeconfigConnection = (file: string | undefined, context: string | undefined): ConnectionSource =>
  new KubeconfigConnection(file, context);

class KubeconfigConnection implements ConnectionSource {
  readonly #file: string | undefined;
  readonly #context: string | undefined;
  /** One reading, however many reflectors begin at the same time. */
  #config: Promise<KubeConfig> | undefined;
  #current: Promise<ApiConnection> | undefined;
  #agent: Agent | undefined;
  /** The certificates that the agent was made with. */
  #material = '';

  constructor(file: string | undefined, context: string | undefined) {
    this.#file = file;
    this.#context = context;
  }

  current(): Promise<ApiConnection> {
    // One at a time: a command that gives credentials and hangs is not run again for each request.
    this.#current ??= this.#read().finally(() => {
      this.#current = undefined;
    });
    return this.#current;
  }

  async #read(): Promise<ApiConnection> {
    const config = await this.#loaded();
    const url = serverOf(config, nameOf(this.#file)).replace(/\/+$/, '');
    const options: RequestOptions = {};
    try {
      await config.applyToHTTPSOptions(options);
    } catch (error) {
      throw new KubernetesConfigError(`${nameOf(this.#file)}: no credentials: ${messageOf(error)}`);
    }
    return {
      url,
      headers: headersOf(options),
      httpsAgent: url.startsWith('https:') ? this.#agentFor(options) : undefined,
    };
  }

  async #loaded(): Promise<KubeConfig> {
    this.#config ??= loadConfig(this.#file, this.#context);
    try {
      return await this.#config;
    } catch (error) {
      this.#config = undefined;
      throw error;
    }
  }

  reload(): void {
    this.#config = undefined;
  }

  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
  }

  /**
   * One kept-alive agent as long as the certificates stay the same; the library makes a new one for each request, and a
   * TLS handshake with it.
   */
  #agentFor({ ca, cert, key, servername, rejectUnauthorized, agent }: RequestOptions): Agent {
    // Through a proxy only the library's own agent knows the way.
    if (agent instanceof Agent && agent.constructor !== Agent) return agent;
    const material = [ca, cert, key, servername, rejectUnauthorized].map(String).join('\n');
    if (this.#agent !== undefined && material === this.#material) return this.#agent;
    this.#agent?.destroy();
    this.#material = material;
    this.#agent = new Agent({
      keepAlive: true,
      rejectUnauthorized: rejectUnauthorized !== false,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(servername === undefined ? {} : { servername }),
    });
    return this.#agent;
  }
}

/** The import costs half a second and 80 MB, which only those pay who need it. */
async function loadConfig(file: string | undefined, context: string | undefined): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const where = nameOf(file);
  try {
    if (file === undefined) config.loadFromDefault();
    else config.loadFromFile(file);
  } catch (error) {
    throw new KubernetesConfigError(`${where} cannot be read: ${reasonOf(error)}`);
  }
  if (context !== undefined) {
    if (config.getContextObject(context) === null) {
      const known = config.getContexts().map(({ name }) => name);
      throw new KubernetesConfigError(`${where}: there is no context ${context}; it has ${known.join(', ') || 'none'}`);
    }
    config.setCurrentContext(context);
  }
  if (file === undefined && serverOf(config, where) === NOTHING_FOUND) {
    throw new KubernetesConfigError('no kubeconfig was found and this is not a pod: name one, or set KUBECONFIG');
  }
  allowPlainHttp(config);
  return config;
}

const nameOf = (file: string | undefined): string =>
  file === undefined ? 'the kubeconfig that kubectl would use' : `kubeconfig ${file}`;

/** Nothing of the text gets out, as tokens stand in it: a message of the YAML library shows the lines around a mistake. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return messageOf(error);
  const line = numberAt(error, 'mark', 'line');
  return line === undefined ? 'it is no kubeconfig' : `it is no YAML, see line ${line + 1}`;
}

function serverOf(config: KubeConfig, where: string): string {
  const server = config.getCurrentCluster()?.server;
  if (server !== undefined) return server;
  const context: string | undefined = config.getCurrentContext();
  const problem =
    context === undefined
      ? 'it has no current context; is it a kubeconfig?'
      : `context ${context} names no cluster with a server`;
  throw new KubernetesConfigError(`${where}: ${problem}`);
}

/** The library refuses http:// unless verification is off; where there is no TLS, there is nothing to verify. */
function allowPlainHttp(config: KubeConfig): void {
  config.clusters = config.clusters.map((cluster) =>
    cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster,
  );
}

function headersOf({ headers, auth }: RequestOptions): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (typeof value === 'string') found[name] = value;
  }
  if (typeof auth === 'string') found['Authorization'] = `Basic ${Buffer.from(auth).toString('base64')}`;
  return found;
}

import { defaultConfiguration, hasUser, inConfiguration, loadConfiguration, readToken } from '#config';
import { GatewayError, InvalidInputError, messageOf } from '#errors';

/** How to reach a running gateway from a command line. */
export interface GatewayArguments {
  readonly gateway?: string;
  readonly config?: string;
  readonly tokenFile?: string;
}

/** What a gateway answered. */
export interface GatewayAnswer {
  /** What was asked. */
  readonly url: string;
  readonly status: number;
  readonly body: unknown;
}

const TIMEOUT_MS = 30_000;

/** A running gateway's own API. */
export class GatewayClient {
  readonly #url: string;
  readonly #token: string | undefined;

  /**
   * The gateway at `--gateway`, else where `api` of the configuration says that one listens. Throws InvalidInputError for a
   * URL, a configuration or a file that cannot be used.
   */
  constructor({ gateway, config, tokenFile }: GatewayArguments) {
    const { api } = config === undefined ? defaultConfiguration() : loadConfiguration(config);
    this.#url = gateway === undefined ? `http://${hostText(api.host)}:${api.port}` : urlOf(gateway);
    this.#token = tokenFile === undefined ? tokenOf(api, config) : readToken(tokenFile);
  }

  /** Where it asks. */
  get url(): string {
    return this.#url;
  }

  /** Reads a path. Rejects with a GatewayError when nobody answers. */
  get(path: string): Promise<GatewayAnswer> {
    return this.#ask(path, {});
  }

  /** Posts to a path, with the token where there is one. Rejects with a GatewayError when nobody answers. */
  post(path: string, body: object): Promise<GatewayAnswer> {
    const authorization = this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
    const headers = { 'content-type': 'application/json', ...authorization };
    return this.#ask(path, { method: 'POST', body: JSON.stringify(body), headers });
  }

  async #ask(path: string, init: RequestInit): Promise<GatewayAnswer> {
    const url = `${this.#url}${path}`;
    try {
      const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
      return { url, status: response.status, body: await response.json() };
    } catch (error) {
      const reason = messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
      const message = `no gateway answers at ${this.#url} (${reason}); start one with 'acigw run', or name it with --gateway`;
      throw new GatewayError('GATEWAY_UNREACHABLE', message, { disposition: 'retry', cause: error });
    }
  }
}

/** The token that the configuration names; the errors of its file name the configuration. */
function tokenOf(
  { tokenFile }: { readonly tokenFile?: string | undefined },
  config: string | undefined,
): string | undefined {
  try {
    return tokenFile === undefined ? undefined : readToken(tokenFile);
  } catch (error) {
    throw config === undefined ? error : inConfiguration(config, error);
  }
}

/** A gateway that listens on all addresses is asked on this machine's. */
const hostText = (host: string): string => {
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return reached.includes(':') ? `[${reached}]` : reached;
};

/** Says nothing of the text: a password may stand in it. */
function urlOf(text: string): string {
  if (URL.canParse(text) && /^https?:/.test(text) && !hasUser(text)) return text.replace(/\/+$/, '');
  throw new InvalidInputError(
    '--gateway: expected an http or https URL without user and password, such as http://127.0.0.1:8080',
  );
}

/** What the gateway says is wrong, from its answer; or else that it may be no gateway. */
export const errorIn = (answer: GatewayAnswer): string =>
  reasonIn(answer) ?? `${answer.url} answered ${answer.status}; is it the API of a gateway?`;

/** What the gateway says is wrong; undefined where the answer is not of a gateway's form. */
export function reasonIn({ body }: GatewayAnswer): string | undefined {
  const isTold = typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'string';
  return isTold ? String(body.error) : undefined;
}

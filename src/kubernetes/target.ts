import type { Agent as HttpsAgent } from 'node:https';

/**
 * Which API server: a plain URL (a simulator), or what a kubeconfig says. Without `kubeconfig` the usual places are
 * tried: KUBECONFIG, the file in the home directory, the service account of the pod.
 */
export type ClusterTarget =
  | { readonly url: string }
  | { readonly kubeconfig?: string; readonly context?: string; readonly url?: undefined };

/** How to send the next request. */
export interface ApiConnection {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for plain HTTP. */
  readonly httpsAgent: HttpsAgent | undefined;
}

/** Gives the connection for each request, since tokens and certificates rotate. */
export interface ConnectionSource {
  current(): Promise<ApiConnection>;
  /** Forgets what was read: the API server did not accept it, or is not there. */
  reload(): void;
  /** Closes the connections. */
  close(): void;
}

/** The source for a target that is a plain URL. */
export const plainConnection = (url: string): ConnectionSource => ({
  current: () => Promise.resolve({ url: url.replace(/\/+$/, ''), headers: {}, httpsAgent: undefined }),
  reload: () => undefined,
  close: () => undefined,
});

import { GatewayError } from '#errors';
import { WRITE_ERRORS } from '#ports';

/** No connection to the API server, no answer in time, or a certificate that is not trusted. */
export class KubernetesUnreachableError extends GatewayError {
  /** `where` is the URL, or a path when the connection broke on the way. */
  constructor(where: string, reason: string) {
    super('KUBERNETES_UNREACHABLE', `Kubernetes API ${where} cannot be reached: ${reason}`, { disposition: 'retry' });
  }
}

/** The API server answered with a status that is no success. */
export class KubernetesStatusError extends GatewayError {
  readonly status: number;

  constructor(status: number, message: string, retryAfterMs?: number) {
    super(
      'KUBERNETES_STATUS',
      message,
      retryAfterMs === undefined ? { disposition: 'retry' } : { disposition: 'wait', retryAfterMs },
    );
    this.status = status;
  }
}

/** The API server understood a write and did not do it; the code says why ({@link WRITE_ERRORS}). */
export class KubernetesWriteError extends GatewayError {
  readonly status: number;

  constructor(status: number, code: string, message: string) {
    super(code, message, { disposition: code === WRITE_ERRORS.conflict ? 'reread' : 'park' });
    this.status = status;
  }
}

/** 410 Gone: the resource version or the list is too old to go on from (API concepts, "410 Gone responses"). */
export class KubernetesExpiredError extends GatewayError {
  constructor(message: string) {
    super('KUBERNETES_EXPIRED', message, { disposition: 'reread' });
  }
}

/** A watch said something that cannot be read, so that a change may have been missed. */
export class KubernetesStreamError extends GatewayError {
  constructor(message: string) {
    super('KUBERNETES_STREAM', message, { disposition: 'reread' });
  }
}

/** The kubeconfig cannot be used. */
export class KubernetesConfigError extends GatewayError {
  constructor(message: string) {
    super('KUBERNETES_CONFIG', message, { disposition: 'retry' });
  }
}

import { InterceptingCall, type Interceptor } from '@grpc/grpc-js';
import type { Etcd3 } from 'etcd3';
import { type Renewed, textNow } from '#runtime';
import { StoreUnreachableError } from './errors.js';

/** Who logs in to etcd. */
export interface EtcdUser {
  readonly username: string;
  /** Asked for at each login. */
  readonly password: Renewed;
}

/** What etcd says to a token that is over: after five minutes without a call, a restart, or a change of its users. */
const OVER = /invalid auth token|revision of auth store is old/;

/**
 * The login of one client. The library's own makes a channel for each try of a login and closes none (etcd3 1.1.2): fifty kilobytes
 * a second as long as etcd is away. This one asks over the client's own channels.
 */
export class EtcdLogin {
  #token: string | undefined;
  #isOver = false;

  /** Whether etcd does not take the token any more, so that another client has to be made. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Throws when the login is over: the library would send a refused call again and again. */
  check(): void {
    if (this.#isOver) throw new StoreUnreachableError('etcd does not take the login any more');
  }

  async begin(etcd: Etcd3, { username, password }: EtcdUser): Promise<void> {
    const { token } = await etcd.auth.authenticate({ name: username, password: textNow(password) });
    this.#token = token;
  }

  /** Shows the token with each call. */
  readonly shown: Interceptor = (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start: (metadata, _listener, next) => {
        if (this.#token !== undefined) metadata.set('token', this.#token);
        next(metadata, {
          onReceiveStatus: (status, tell) => {
            if (OVER.test(status.details)) this.#isOver = true;
            tell(status);
          },
        });
      },
    });
}

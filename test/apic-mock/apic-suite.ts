import type { AxiosInstance } from 'axios';
import type { ApicMock, ApicMockOptions } from '#apic-mock';
import { type LoggedIn, loggedIn, startPlain } from './apic-client.js';
import type { Spelling } from './xml-client.js';

/** A simulator and an administrator's client, there while the tests of a suite run. */
export interface ApicSuite {
  readonly mock: ApicMock;
  /** The client that has logged in. */
  readonly http: AxiosInstance;
  readonly token: string;
  /** Logs in anew: after a time that no token outlives. */
  login(): Promise<void>;
}

/** How a suite wants its simulator. */
export interface ApicSuiteOptions extends ApicMockOptions {
  /** A new simulator for each test instead of one for all. */
  readonly each?: true;
  /** One simulator for all tests, reset before each of them, with a new login. */
  readonly reset?: true;
  readonly spelling?: Spelling;
}

/** Starts a simulator before the tests of the suite that calls this, logs in, and stops it afterwards. */
export function useApic({ each, reset, spelling = 'json', ...options }: ApicSuiteOptions = {}): ApicSuite {
  let running: { readonly mock: ApicMock; readonly client: LoggedIn } | undefined;
  const there = (): { readonly mock: ApicMock; readonly client: LoggedIn } => {
    if (running === undefined) throw new Error('the simulator is there only while tests run');
    return running;
  };
  const start = async (): Promise<void> => {
    const mock = await startPlain(options);
    running = { mock, client: await loggedIn(mock, spelling) };
  };
  const login = async (): Promise<void> => {
    const { mock } = there();
    running = { mock, client: await loggedIn(mock, spelling) };
  };
  const stop = async (): Promise<void> => {
    await running?.mock.stop();
    running = undefined;
  };
  if (each === true) {
    beforeEach(start);
    afterEach(stop);
  } else {
    before(start);
    after(stop);
  }
  if (reset === true) {
    beforeEach(async () => {
      there().mock.reset();
      await login();
    });
  }
  return {
    login,
    get mock() {
      return there().mock;
    },
    get http() {
      return there().client.http;
    },
    get token() {
      return there().client.token;
    },
  };
}

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
}

/** How a suite wants its simulator. */
export interface ApicSuiteOptions extends ApicMockOptions {
  /** A new simulator for each test instead of one for all. */
  readonly each?: true;
  readonly spelling?: Spelling;
}

/** Starts a simulator before the tests of the suite that calls this, logs in, and stops it afterwards. */
export function useApic({ each, spelling = 'json', ...options }: ApicSuiteOptions = {}): ApicSuite {
  let running: { readonly mock: ApicMock; readonly client: LoggedIn } | undefined;
  const there = (): { readonly mock: ApicMock; readonly client: LoggedIn } => {
    if (running === undefined) throw new Error('the simulator is there only while tests run');
    return running;
  };
  const start = async (): Promise<void> => {
    const mock = await startPlain(options);
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
  return {
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

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A simulator in a process of its own, so that client and server each have a core. */
export interface MockProcess {
  readonly url: string;
  readonly token: string;
  /** Resident memory of the simulator, in megabytes, after a garbage collection. */
  memory(): Promise<number>;
  /** Milliseconds of processor time that the simulator has used so far. */
  cpu(): Promise<number>;
  stop(): Promise<void>;
}

interface Report {
  readonly url?: string;
  readonly megabytes?: number;
  readonly cpu?: number;
}

/** Starts it and logs in. */
export async function startMockProcess(): Promise<MockProcess> {
  const script = fileURLToPath(new URL('./mock-server.js', import.meta.url));
  const child = fork(script, { execArgv: ['--expose-gc'] });
  const report = async (): Promise<Report> => ((await once(child, 'message')) as [Report])[0];
  const { url = '' } = await report();
  const answer = await fetch(`${url}/api/aaaLogin.json`, {
    method: 'POST',
    body: JSON.stringify({ aaaUser: { attributes: { name: 'bench', pwd: 'bench' } } }),
  });
  const login = (await answer.json()) as { imdata: [{ aaaLogin: { attributes: { token: string } } }] };
  return {
    url,
    token: login.imdata[0].aaaLogin.attributes.token,
    memory: async () => {
      child.send('memory');
      return (await report()).megabytes ?? Number.NaN;
    },
    cpu: async () => {
      child.send('cpu');
      return (await report()).cpu ?? Number.NaN;
    },
    stop: async () => {
      child.send('stop');
      await once(child, 'exit');
    },
  };
}

import { InvalidInputError } from '#errors';
import type { ControlAnswer, ControlRequest } from '../http/index.js';
import type { ApicControl, ApicViews } from './apic-control.js';
import { readForgottenEndpoint, readSeenEndpoint } from './read-endpoint.js';
import { readFaultPlan } from './read-fault-plan.js';
import { flowFromBody, flowFromQuery } from './read-flow.js';
import type { Snapshot } from './snapshot.js';

/** The simulator that is controlled. */
type ApicMock = ApicControl & ApicViews;

/** One thing that can be asked for below `/mock`. */
type Route = (request: ControlRequest, match: readonly string[]) => unknown;

/**
 * The control plane over HTTP: the same as the library's methods, for tests in other languages. Everything is JSON;
 * what it refuses has the form `{"error": "…"}`. It asks for no login: it is there only when it is switched on.
 */
export class ControlApi {
  readonly #routes: readonly (readonly [string, RegExp, Route])[];

  constructor(mock: ApicMock) {
    this.#routes = [...stateRoutes(mock, new Map()), ...faultRoutes(mock), ...viewRoutes(mock)];
  }

  /** Answers one request below `/mock`. */
  async answer(request: ControlRequest): Promise<ControlAnswer> {
    for (const [method, path, route] of this.#routes) {
      const match = path.exec(request.path);
      if (match === null || method !== request.method) continue;
      return ControlApi.#run(route, request, match.slice(1));
    }
    const known = this.#routes.map(([method, path]) => `${method} ${path.source.slice(1, -1).replaceAll('\\/', '/')}`);
    return { status: 404, body: { error: `no ${request.method} ${request.path} here`, known } };
  }

  static async #run(route: Route, request: ControlRequest, match: readonly string[]): Promise<ControlAnswer> {
    try {
      return { status: 200, body: (await route(request, match)) ?? {} };
    } catch (error) {
      if (error instanceof InvalidInputError || error instanceof RangeError || error instanceof SyntaxError) {
        return { status: 400, body: { error: error.message } };
      }
      throw error;
    }
  }
}

function stateRoutes(mock: ApicMock, snapshots: Map<string, Snapshot>): readonly (readonly [string, RegExp, Route])[] {
  const snapshot = (id = ''): Snapshot => {
    const found = snapshots.get(id);
    if (found === undefined) throw new RangeError(`snapshot '${id}': there is none; POST /mock/snapshots makes one`);
    return found;
  };
  return [
    ['POST', /^\/mock\/reset$/, () => mock.reset()],
    ['POST', /^\/mock\/load$/, ({ body }) => mock.loadExport(body)],
    [
      'POST',
      /^\/mock\/snapshots$/,
      () => {
        const id = String(snapshots.size + 1);
        snapshots.set(id, mock.snapshot());
        return { id };
      },
    ],
    ['POST', /^\/mock\/snapshots\/(\d+)\/restore$/, (_, [id]) => mock.restore(snapshot(id))],
    ['POST', /^\/mock\/endpoints$/, ({ body }) => mock.learn(readSeenEndpoint(body))],
    ['POST', /^\/mock\/endpoints\/forget$/, ({ body }) => forget(mock, body)],
    ['GET', /^\/mock\/clock$/, () => ({ milliseconds: mock.now() })],
    [
      'POST',
      /^\/mock\/clock\/advance$/,
      ({ body }) => {
        mock.advance(numberField(body, 'milliseconds'));
        return { milliseconds: mock.now() };
      },
    ],
  ];
}

function forget(mock: ApicMock, body: string): { readonly forgotten: boolean } {
  const { mac, ip } = readForgottenEndpoint(body);
  return { forgotten: mock.forget(mac, ip) };
}

function faultRoutes(mock: ApicMock): readonly (readonly [string, RegExp, Route])[] {
  return [
    ['POST', /^\/mock\/faults$/, ({ body }) => mock.plan(readFaultPlan(body))],
    ['DELETE', /^\/mock\/faults$/, () => mock.endFaults()],
    ['POST', /^\/mock\/sockets\/kill$/, () => mock.killSockets()],
    ['POST', /^\/mock\/tokens\/expire$/, () => mock.expireTokens()],
    ['POST', /^\/mock\/subscriptions\/expire$/, () => mock.expireSubscriptions()],
    ['GET', /^\/mock\/controllers$/, () => ({ urls: mock.urls })],
    // Not awaited: the controller that fails may be the one that answers.
    ['POST', /^\/mock\/controllers\/(\d+)\/fail$/, (_, [index]) => failSoon(mock, Number(index))],
    ['POST', /^\/mock\/controllers\/(\d+)\/recover$/, (_, [index]) => mock.recoverController(Number(index))],
  ];
}

/** Long enough for the answer to this very request to get out. */
const ANSWER_MILLISECONDS = 20;

function failSoon(mock: ApicMock, index: number): void {
  if (mock.urls[index] === undefined)
    throw new RangeError(`controller ${index}: expected 0 to ${mock.urls.length - 1}`);
  setTimeout(() => {
    mock.failController(index).catch(() => undefined);
  }, ANSWER_MILLISECONDS);
}

function viewRoutes(mock: ApicMock): readonly (readonly [string, RegExp, Route])[] {
  return [
    ['GET', /^\/mock\/requests$/, () => ({ requests: mock.requestLog() })],
    ['GET', /^\/mock\/counters$/, () => ({ ...mock.counters(), objects: mock.size() })],
    ['GET', /^\/mock\/tree\/(.+)$/, (_, [dn = '']) => ({ tree: mock.tree(dn) ?? null })],
    ['GET', /^\/mock\/permits$/, ({ query }) => mock.permits(flowFromQuery(query))],
    ['POST', /^\/mock\/permits$/, ({ body }) => mock.permits(flowFromBody(body))],
    ['GET', /^\/mock\/classes\/(\w+)$/, (_, [className = '']) => ({ objects: mock.objects(className) })],
  ];
}

function numberField(body: string, name: string): number {
  const value = (JSON.parse(body) as Readonly<Record<string, unknown>> | null)?.[name];
  if (typeof value !== 'number') throw new InvalidInputError(`${name}: expected a number, found ${String(value)}`);
  return value;
}

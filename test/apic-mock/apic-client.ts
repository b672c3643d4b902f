import { setTimeout as delay } from 'node:timers/promises';
import { type AxiosInstance, type AxiosResponse, create } from 'axios';
import { WebSocket } from 'ws';
import { type ApicMock, type ApicMockOptions, startApicMock } from '#apic-mock';
import { type Spelling, xmlHttpClient } from './xml-client.js';

/** The envelope of every answer, as far as the suites look at it. */
export interface Reply {
  readonly totalCount: string;
  readonly subscriptionId?: string;
  readonly imdata: readonly Readonly<Record<string, ReplyBody>>[];
}

export interface ReplyBody {
  readonly attributes: Readonly<Record<string, string>>;
  readonly children?: readonly Readonly<Record<string, ReplyBody>>[];
}

export const ADMIN = { name: 'admin', password: 'correct horse' };

/** A simulator without TLS: the certificate is the business of its own suite. */
export const startPlain = (options: ApicMockOptions = {}): Promise<ApicMock> =>
  startApicMock({ tls: { mode: 'none' }, users: [ADMIN], ...options });

/** An HTTP client that throws for nothing and keeps connections closed, so that a suite leaves none behind. */
export const httpClient = (mock: ApicMock): AxiosInstance =>
  create({ baseURL: mock.url, validateStatus: () => true, headers: { Connection: 'close' } });

export const loginBody = (name = ADMIN.name, pwd = ADMIN.password): unknown => ({
  aaaUser: { attributes: { name, pwd } },
});

/** A client that has logged in, with its token. */
export interface LoggedIn {
  readonly http: AxiosInstance;
  readonly token: string;
}

export async function loggedIn(mock: ApicMock, spelling: Spelling = 'json'): Promise<LoggedIn> {
  const http = spelling === 'xml' ? xmlHttpClient(mock) : httpClient(mock);
  const answer = await http.post<Reply>('/api/aaaLogin.json', loginBody());
  const token = answer.data.imdata[0]?.aaaLogin?.attributes.token ?? '';
  http.defaults.headers.common.Cookie = `APIC-cookie=${token}`;
  return { http, token };
}

/** Status, code and text of an error answer. */
export function errorOf(answer: AxiosResponse): { status: number; code: string; text: string } {
  const data = answer.data as Reply;
  const attributes = data.imdata?.[0]?.error?.attributes;
  if (attributes === undefined) throw new Error(`not an error: ${answer.status} ${JSON.stringify(answer.data)}`);
  return { status: answer.status, code: attributes.code ?? '', text: attributes.text ?? '' };
}

/** Attributes of the objects of an answer, with their class as `_class`. */
export const objectsOf = (answer: AxiosResponse): readonly Readonly<Record<string, string>>[] =>
  (answer.data as Reply).imdata.flatMap((object) =>
    Object.entries(object).map(([name, body]) => ({ _class: name, ...body.attributes })),
  );

export const dnsOf = (answer: AxiosResponse): readonly string[] => objectsOf(answer).map((object) => object.dn ?? '');

/** One push. */
export interface EventFrame {
  readonly subscriptionId: readonly string[];
  readonly imdata: readonly Readonly<Record<string, ReplyBody>>[];
}

/** One object of a push, flat. */
export type EventObject = Readonly<Record<string, string>>;

/** A websocket that keeps what it gets. */
export class EventSocket {
  readonly frames: EventFrame[] = [];
  readonly socket: WebSocket;
  closed = false;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => this.frames.push(JSON.parse(data.toString()) as EventFrame));
    socket.on('close', () => {
      this.closed = true;
    });
  }

  /** Objects pushed so far, with class and status, in order. */
  objects(): readonly EventObject[] {
    return this.frames.flatMap((frame) =>
      frame.imdata.flatMap((object) =>
        Object.entries(object).map(([name, body]) => ({ _class: name, ...body.attributes })),
      ),
    );
  }

  /** `created uni/tn-a` and so on. */
  summary(): readonly string[] {
    return this.objects().map((object) => `${object.status} ${object.dn}`);
  }

  /** Waits until the frames say so. */
  until(what: () => boolean): Promise<void> {
    return until(what);
  }
}

export async function openSocket(mock: ApicMock, token: string): Promise<EventSocket> {
  const socket = new WebSocket(`${mock.url.replace(/^http/, 'ws')}/socket${token}`);
  const events = new EventSocket(socket);
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return events;
}

/** Waits for a condition; fails after two seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 2000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('the condition did not come true within two seconds');
    await delay(5);
  }
}

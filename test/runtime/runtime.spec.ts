import assert from 'node:assert/strict';
import { GatewayError, InvalidInputError } from '#errors';
import { abortable, backoffMs, createLogger, nextMove, retryAfter, systemClock } from '#runtime';

const half = (): number => 0.5;
const failure = (disposition: GatewayError['disposition'], retryAfterMs?: number): GatewayError =>
  new GatewayError('TEST', 'for the test', {
    disposition,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

describe('runtime: backoff', () => {
  it('doubles up to its limit and keeps half of it random', () => {
    const lowest = [0, 1, 2, 3, 20].map((attempt) => backoffMs(attempt, () => 0, 100, 500));
    const highest = [0, 1, 2, 3, 20].map((attempt) => backoffMs(attempt, () => 1, 100, 500));
    assert.deepEqual(lowest, [50, 100, 200, 250, 250]);
    assert.deepEqual(highest, [100, 200, 400, 500, 500]);
  });
});

describe('runtime: how long a server asks to be left alone', () => {
  it('is what it says in seconds, up to a minute', () => {
    assert.deepEqual(['1', '0.5', '60', '86400', 'Infinity'].map(retryAfter), [1000, 500, 60_000, 60_000, 60_000]);
  });

  it('is nothing where it says no seconds', () => {
    const headers = [undefined, '', '0', '-5', 'soon', 'Wed, 21 Oct 2026 07:28:00 GMT', ['1']];
    assert.deepEqual(
      headers.map(retryAfter),
      headers.map(() => undefined),
    );
  });
});

describe('runtime: next move after an error', () => {
  it('follows the disposition', () => {
    assert.deepEqual(nextMove(failure('retry'), 0, half), { kind: 'again', afterMs: 375 });
    assert.deepEqual(nextMove(failure('retry'), 30, half), { kind: 'again', afterMs: 45_000 });
    assert.deepEqual(nextMove(failure('reread'), 0, half), { kind: 'again', afterMs: 75 });
    assert.deepEqual(nextMove(failure('park'), 0, half), { kind: 'park' });
    assert.deepEqual(nextMove(new InvalidInputError('bad'), 9, half), { kind: 'park' });
    assert.deepEqual(nextMove(failure('crash'), 0, half), { kind: 'crash' });
  });

  it('waits as long as the error says, never shorter', () => {
    assert.deepEqual(
      nextMove(failure('wait', 1000), 5, () => 0),
      { kind: 'again', afterMs: 1000 },
    );
    assert.deepEqual(nextMove(failure('wait', 1000), 5, half), { kind: 'again', afterMs: 1050 });
  });

  it('tries again after an error that nobody raised on purpose', () => {
    assert.deepEqual(nextMove(new TypeError('bug'), 1, half), { kind: 'again', afterMs: 750 });
    assert.deepEqual(nextMove('thrown text', 0, half), { kind: 'again', afterMs: 375 });
  });
});

describe('runtime: clock', () => {
  it('sleeps, and wakes at once with the reason when aborted', async () => {
    const clock = systemClock();
    const began = clock.now();
    await clock.sleep(20);
    assert.ok(clock.now() - began >= 15);
    const stop = new AbortController();
    const long = clock.sleep(2 ** 40, stop.signal);
    stop.abort(new Error('enough'));
    await assert.rejects(long, /enough/);
    await assert.rejects(clock.sleep(1, stop.signal), /enough/);
  });

  it('has a reading that nobody sets', () => {
    const clock = systemClock();
    const before = clock.uptime();
    const { now } = Date;
    try {
      Date.now = () => 0;
      assert.equal(clock.now(), 0);
      assert.ok(clock.uptime() >= before && clock.uptime() < before + 60_000);
    } finally {
      Date.now = now;
    }
  });

  it('stops waiting for work that others wait for too', async () => {
    const stop = new AbortController();
    const never = abortable(new Promise<void>(() => undefined), stop.signal);
    stop.abort(new Error('enough'));
    await assert.rejects(never, /enough/);
    await assert.rejects(abortable(Promise.resolve(1), stop.signal), /enough/);
    assert.equal(await abortable(Promise.resolve(1), new AbortController().signal), 1);
  });
});

describe('runtime: logger', () => {
  const written = (pretty: boolean, fields: object): string => {
    const lines: string[] = [];
    createLogger({ level: 'info', pretty, write: (line) => lines.push(line) }).info(
      { ...fields },
      'something happened',
    );
    return lines.join('');
  };

  it('masks secrets at any depth and inside errors', () => {
    const error = Object.assign(new GatewayError('X', 'failed', { disposition: 'retry' }), {
      config: { headers: { Cookie: 'APIC-cookie=hush-1' } },
    });
    const fields = {
      error,
      password: 'hush-2',
      request: { headers: [{ Authorization: 'hush-3' }, { urlToken: 'hush-4' }], pwd: 'hush-5' },
      url: 'http://apic',
    };
    for (const line of [written(false, fields), written(true, fields)]) {
      assert.doesNotMatch(line, /hush/);
      assert.match(line, /http:\/\/apic/);
      assert.match(line, /failed/);
      assert.equal(line.trimEnd().split('\n').length, 1);
    }
  });

  it('writes JSON lines for programs and short lines for people', () => {
    const json = JSON.parse(written(false, { scope: 'uni/tn-a' })) as Record<string, unknown>;
    assert.equal(json['level'], 'info');
    assert.equal(json['msg'], 'something happened');
    assert.equal(json['scope'], 'uni/tn-a');
    assert.match(
      written(true, { scope: 'uni/tn-a', why: 'two words' }),
      /^\d\d:\d\d:\d\d\.\d{3} INFO {2}something happened scope=uni\/tn-a why="two words"\n$/,
    );
  });
});

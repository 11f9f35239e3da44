import { describe, expect, it } from '@jest/globals';
import { Writable } from 'node:stream';
import { createLogger, type LogLevel, type Random, seededRandom } from '../../../src/base/index.js';
import type { Exchange } from '../../../src/serving/http/exchange.js';
import { AccessLog, type AccessLogConfig, AnsweredRequests } from '../../../src/serving/telemetry/index.js';
import { VirtualClock } from '../../support/virtualClock.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const INFER = { method: 'POST', url: '/v2/models/m/infer?secret=1' };

interface Line extends Record<string, unknown> {
  readonly msg: string;
}

function logWith(config: Partial<AccessLogConfig> = {}, level: LogLevel = 'info') {
  const clock = new VirtualClock();
  const lines: Line[] = [];
  const destination = new Writable({
    write(line: Buffer, _encoding, done) {
      lines.push(JSON.parse(line.toString()) as Line);
      done();
    },
  });
  const logger = createLogger({ level, name: 'test', destination });
  const random: Random = seededRandom(3);
  const log = new AccessLog({ sample: 1, slowMs: 1_000, ...config }, { logger, clock, random });
  const answered = new AnsweredRequests(log, clock);
  return {
    clock,
    lines,
    answered,
    /** What HTTP answers with `status` after `durationMs`. */
    answer: (status: number, durationMs = 1, request: object = INFER) => {
      const context = { id: 'r1', traceparent: `00-${TRACE}-00f067aa0ba902b7-01` };
      const exchange = { ...request, context } as Exchange;
      answered.http(exchange, status, clock.monotonic() - durationMs);
    },
  };
}

describe('the access log', () => {
  it('has a line with the ids of the request and of its trace, and without the query', () => {
    const { lines, answer } = logWith();
    answer(200, 1.23456);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: 'info',
      msg: 'request',
      requestId: 'r1',
      traceId: TRACE,
      method: 'POST',
      path: '/v2/models/m/infer',
      status: 200,
      durationMs: 1.235,
    });
  });

  it('has a share of the unremarkable requests, and every error and slow request', async () => {
    const { clock, lines, answer } = logWith({ sample: 0.1, slowMs: 50 });
    for (let second = 0; second < 100; second++) {
      for (let n = 0; n < 20; n++) answer(200);
      answer(404);
      answer(200, 50);
      await clock.advance(1_000);
    }
    const requests = lines.filter(({ msg }) => msg === 'request');
    const told = (status: number, slow: boolean) =>
      requests.filter((line) => line.status === status && line.durationMs === (slow ? 50 : 1)).length;
    expect(told(404, false)).toBe(100);
    expect(told(200, true)).toBe(100);
    // 200 are expected of 2,000, with a standard deviation of 13.
    expect(told(200, false)).toBeGreaterThan(140);
    expect(told(200, false)).toBeLessThan(260);
  });

  it('has errors alone with a sample of 0', () => {
    const { lines, answer } = logWith({ sample: 0 });
    answer(200);
    answer(503);
    expect(lines.map(({ status }) => status)).toEqual([503]);
  });

  it('never has more lines of a kind than a log can take, and says how many it left out', async () => {
    const { clock, lines, answer } = logWith();
    for (let n = 0; n < 500; n++) {
      answer(200);
      answer(500);
    }
    expect(lines.filter(({ status }) => status === 200)).toHaveLength(100);
    expect(lines.filter(({ status }) => status === 500)).toHaveLength(100);
    await clock.advance(1_000);
    answer(200);
    expect(lines.find(({ msg }) => msg.startsWith('requests not logged'))).toMatchObject({ requests: 800 });
  });

  it.each([
    ['/v2/health/live', 200],
    ['/v2/health/ready', 503],
    ['/v2/models/m/ready', 200],
    ['/v2/models/m/versions/1/ready?x=1', 404],
  ])('leaves the probe %s to whoever asks for debug lines', (url, status) => {
    const quiet = logWith();
    quiet.answer(status, 1, { method: 'GET', url });
    expect(quiet.lines).toEqual([]);
    expect(quiet.answered.httpStatuses.get(status)).toBe(1);
    const debug = logWith({}, 'debug');
    debug.answer(status, 1, { method: 'GET', url });
    expect(debug.lines.map(({ level }) => level)).toEqual(['debug']);
  });

  it.each(['/inference.GRPCInferenceService/ServerReady', '/grpc.health.v1.Health/Check'])(
    'leaves the call of %s to whoever asks for debug lines',
    (path) => {
      const { answered, lines } = logWith();
      const call = { context: { id: 'r1', traceparent: undefined }, client: undefined, durationMs: 1 };
      answered.grpc({ ...call, path, status: 0 });
      answered.grpc({ ...call, path: '/inference.GRPCInferenceService/ModelInfer', status: 0 });
      expect(lines.map((line) => line.path)).toEqual(['/inference.GRPCInferenceService/ModelInfer']);
      expect(answered.grpcStatuses.get(0)).toBe(2);
    },
  );
});

/**
 * Answers a request for a prediction. It works on node:http's own objects, below Koa, whose context and middleware
 * cost as much as a small model: the dispatcher hands the hot routes straight to it, and Koa's routes all others.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { type Clock, fail, ok, type Result } from '../../base/index.js';
import { refusalFor } from '../auth/index.js';
import type { CacheOutcome, ModelCatalogue, PredictContext, ServedModel } from '../dataplane/index.js';
import type { InferenceError, InferenceRequest } from '../protocol/inference.js';
import type { AnswerMemo, RememberedAnswer } from './answerMemo.js';
import { type BodyLimits, BodyReader, type BodyResult, GONE } from './body.js';
import { cacheDirective, cacheHeaders } from './cacheHeaders.js';
import { requestEncoding, unpack } from './compression.js';
import type { EncodedPrediction, PredictionCodec } from './predictionCodec.js';
import { endExchange, type RequestTracer, traceExchange } from '../telemetry/index.js';
import { type Answer, errorAnswer, type Exchange, lengthOf, send } from './reply.js';
import { sampledTraceIdOf } from './requestContext.js';

/** What a route stands for. */
export interface PredictionTarget {
  readonly codec: PredictionCodec;
  readonly model: string;
  /** Undefined for the model's default version. */
  readonly version: string | undefined;
}

export interface PredictionEndpointOptions {
  readonly catalogue: ModelCatalogue;
  readonly clock: Clock;
  readonly limits: BodyLimits;
  /** The server's own limit of one request, in milliseconds. */
  readonly timeoutMs: number;
  /** Undefined where the cache is turned off; asked at each request, since the cache is made while the server listens. */
  readonly memo: () => AnswerMemo | undefined;
  /** Undefined where tracing is turned off; asked at each request, since it is loaded while the server listens. */
  readonly tracer: () => RequestTracer | undefined;
  /** Whether predictions of sampled traces are kept as exemplars of the metrics. */
  readonly exemplars: boolean;
  /** Called once for each request, when its answer has been handed to the socket. */
  readonly onAnswered: (exchange: Exchange, status: number, startedAt: number) => void;
}

/** The client's limit in milliseconds; the protocol's own is the `timeout` parameter, in microseconds. */
const TIMEOUT_HEADER = 'x-request-timeout-ms';

export class PredictionEndpoint {
  readonly #options: PredictionEndpointOptions;

  constructor(options: PredictionEndpointOptions) {
    this.#options = options;
  }

  handle(asked: Exchange, target: PredictionTarget): void {
    const startedAt = this.#options.clock.monotonic();
    const refusal = refusalFor(asked.client, target.model);
    if (refusal !== undefined) {
      const answer = errorAnswer(refusal);
      send(asked, answer);
      this.#options.onAnswered(asked, answer.status, startedAt);
      return;
    }
    const tracer = this.#options.tracer();
    const exchange =
      tracer === undefined ? asked : traceExchange(tracer, asked, { codec: target.codec.name, startedAt });
    const reader = new BodyReader(exchange.request, this.#options.limits, (body) => {
      if (body === GONE) {
        endExchange(exchange, undefined);
        return;
      }
      void this.#respond(exchange, target, body, startedAt).then((answer) => {
        send(exchange, answer);
        reader.release();
        endExchange(exchange, answer.status);
        this.#options.onAnswered(exchange, answer.status, startedAt);
      });
    });
    reader.start();
  }

  async #respond(
    exchange: Exchange,
    target: PredictionTarget,
    received: BodyResult,
    startedAt: number,
  ): Promise<Answer> {
    if (!received.ok) return errorAnswer(received.error);
    const headers = exchange.request.headers;
    const encoding = requestEncoding(headers['content-encoding']);
    if (encoding === undefined) return errorAnswer(UNSUPPORTED_ENCODING);
    const body =
      encoding === 'identity'
        ? received
        : await unpack(received.value, encoding, this.#options.limits.maxBytes);
    if (!body.ok) return errorAnswer(body.error);
    const found = this.#options.catalogue.find(target.model, target.version);
    if (!found.ok) return errorAnswer(found.error);
    exchange.trace?.servedBy(found.value.source);
    const answer = await this.#answer(found.value, target.codec, { exchange, body: body.value, startedAt });
    const { statistics } = found.value;
    statistics.bytesIn += body.value.length;
    statistics.bytesOut += lengthOf(answer.body);
    return answer;
  }

  async #answer(model: ServedModel, codec: PredictionCodec, asked: Asked): Promise<Answer> {
    const memo = this.#options.memo();
    const key = memo?.keyOf(codec.name, model.source, asked.exchange.request.headers, asked.body);
    const remembered = key === undefined ? undefined : memo?.recall(key);
    if (remembered !== undefined) return recalled(remembered, model);
    const predicted = await this.#predict(model, codec, asked);
    if (!predicted.ok) return errorAnswer(predicted.error);
    const { encoded, cache } = predicted.value;
    if (key !== undefined) memo?.remember(key, encoded, cache);
    return answerOf(encoded, cache);
  }

  async #predict(
    model: ServedModel,
    codec: PredictionCodec,
    { exchange, body, startedAt }: Asked,
  ): Promise<Result<{ encoded: EncodedPrediction; cache: CacheOutcome }, InferenceError>> {
    const { headers } = exchange.request;
    const decoded = codec.decode(body, headers, model.signature);
    if (!decoded.ok) return decoded;
    const { request } = decoded.value;
    const limitMs = timeLimitMs(request, headers, this.#options.timeoutMs);
    if (typeof limitMs !== 'number') return fail(limitMs);
    const result = await model.predict(request, this.#contextOf(exchange, startedAt + limitMs));
    if (!result.ok) return result;
    const response = {
      modelName: model.source.name,
      modelVersion: model.source.version,
      outputs: result.value.outputs,
    };
    const encoded = decoded.value.encode(
      request.id === undefined ? response : { id: request.id, ...response },
    );
    return encoded.ok ? ok({ encoded: encoded.value, cache: result.value.cache }) : encoded;
  }

  #contextOf({ request, context, trace }: Exchange, deadline: number): PredictContext {
    return {
      deadline,
      cache: cacheDirective(request.headers),
      stages: trace?.stages,
      exemplarTraceId: this.#options.exemplars ? sampledTraceIdOf(context) : undefined,
    };
  }
}

/** What a request says, once its body is whole. */
interface Asked {
  readonly exchange: Exchange;
  readonly body: Buffer;
  readonly startedAt: number;
}

function answerOf({ contentType, body, headers }: EncodedPrediction, cache: CacheOutcome): Answer {
  const told = cacheHeaders(cache);
  return { status: 200, contentType, body, headers: headers.length === 0 ? told : [...told, ...headers] };
}

function recalled({ body, cache }: RememberedAnswer, { statistics }: ServedModel): Answer {
  statistics.countOutcome('ok');
  statistics.countCache('hit_memory');
  return answerOf({ contentType: 'application/json', body: [body], headers: [] }, cache);
}

const UNSUPPORTED_ENCODING: InferenceError = {
  code: 'UnsupportedEncoding',
  message: 'the body may be encoded with gzip, deflate or not at all',
  place: 'Content-Encoding',
};

/** The shortest of the server's limit, the header's and the parameter's; an error when one of them is no duration. */
function timeLimitMs(
  request: InferenceRequest,
  headers: IncomingHttpHeaders,
  serverMs: number,
): number | InferenceError {
  let limit = serverMs;
  const { timeout } = request.parameters;
  if (timeout !== undefined) {
    const microseconds = Number(timeout);
    if (!(microseconds >= 0)) return notADuration('parameters.timeout', 'microseconds');
    // Triton takes 0 as "no limit of mine".
    if (microseconds > 0) limit = Math.min(limit, microseconds / 1000);
  }
  const header = headers[TIMEOUT_HEADER];
  if (header === undefined) return limit;
  const milliseconds = Number(header);
  if (!(milliseconds > 0)) return notADuration(TIMEOUT_HEADER, 'milliseconds');
  return Math.min(limit, milliseconds);
}

function notADuration(place: string, unit: string): InferenceError {
  return { code: 'InvalidArgument', message: `must be a number of ${unit}`, place };
}

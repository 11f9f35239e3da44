/**
 * Answers a request for a prediction. It works below Koa, whose context and middleware cost as much as a small model: the dispatcher
 * hands the hot routes straight to it, and Koa's routes all others.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../../base/index.js';
import { refusalFor } from '../auth/index.js';
import {
  CACHE_AS_CONFIGURED,
  type CacheDirective,
  type CacheOutcome,
  type ModelCatalogue,
  PAST_CACHE,
  type PredictContext,
  type ServedModel,
} from '../dataplane/index.js';
import type { InferenceError, InferenceRequest } from '../protocol/inference.js';
import { requestTimeoutMs } from '../protocol/timeout.js';
import type { AnswerMemo, RememberedAnswer } from './answerMemo.js';
import { type BodyLimits, BodyReader, type BodyResult, GONE, NO_ROOM } from './body.js';
import { cacheDirective, cacheHeaders } from './cacheHeaders.js';
import { requestEncoding, unpack, UNSUPPORTED_ENCODING } from './compression.js';
import type { EncodedPrediction, PredictionCodec } from './predictionCodec.js';
import { endExchange, type RequestTracer, traceExchange } from '../telemetry/index.js';
import type { Exchange, NodeExchange } from './exchange.js';
import { type Answer, errorAnswer, lengthOf, send } from './reply.js';
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

  /** Reads the rest of the request from node:http and answers it, be it with a refusal. */
  handle(exchange: NodeExchange, target: PredictionTarget): void {
    const refusal = refusalFor(exchange.client, target.model);
    if (refusal === undefined) {
      this.begin(exchange, target).readFrom(exchange.request);
      return;
    }
    const startedAt = this.#options.clock.monotonic();
    const answer = errorAnswer(refusal);
    send(exchange, answer);
    this.#options.onAnswered(exchange, answer.status, startedAt);
  }

  /** Answers once the reader has been given the whole body. The client may use the model. */
  begin(asked: Exchange, target: PredictionTarget): BodyReader {
    const startedAt = this.#options.clock.monotonic();
    const tracer = this.#options.tracer();
    const exchange =
      tracer === undefined ? asked : traceExchange(tracer, asked, { codec: target.codec.name, startedAt });
    const reader = new BodyReader(this.#options.limits, (body) => {
      if (body === GONE) {
        endExchange(exchange, undefined);
        return;
      }
      const finish = (answer: Answer): void => {
        send(exchange, answer);
        reader.release();
        endExchange(exchange, answer.status);
        this.#options.onAnswered(exchange, answer.status, startedAt);
      };
      const answer = this.#respond(exchange, target, body, startedAt);
      if (answer instanceof Promise) void answer.then(finish);
      else finish(answer);
    });
    return reader;
  }

  /** No promise where nothing is waited for: one costs as much as looking an answer up. */
  #respond(
    exchange: Exchange,
    target: PredictionTarget,
    received: BodyResult,
    startedAt: number,
  ): Promise<Answer> | Answer {
    if (!received.ok) return errorAnswer(received.error);
    const encoding = requestEncoding(exchange.headers['content-encoding']);
    if (encoding === undefined) return errorAnswer(UNSUPPORTED_ENCODING);
    if (encoding === 'identity')
      return this.#respondTo({ exchange, body: received.value, startedAt }, target);
    return unpack(received.value, encoding, this.#options.limits.maxBytes).then((body) =>
      body.ok
        ? this.#respondUnpacked({ exchange, body: body.value, startedAt }, target)
        : errorAnswer(body.error),
    );
  }

  /** A small body may unpack to a large one, which counts as much as any. */
  async #respondUnpacked(asked: Asked, target: PredictionTarget): Promise<Answer> {
    const { budget } = this.#options.limits;
    const bytes = asked.body.length;
    if (!budget.take(bytes)) return errorAnswer(NO_ROOM);
    try {
      return await this.#respondTo(asked, target);
    } finally {
      budget.give(bytes);
    }
  }

  #respondTo(asked: Asked, target: PredictionTarget): Promise<Answer> | Answer {
    const found = this.#options.catalogue.find(target.model, target.version);
    if (!found.ok) return errorAnswer(found.error);
    const model = found.value;
    asked.exchange.trace?.servedBy(model.source);
    const answer = this.#answer(model, target.codec, asked);
    const { length } = asked.body;
    return answer instanceof Promise
      ? answer.then((late) => counted(model, length, late))
      : counted(model, length, answer);
  }

  #answer(model: ServedModel, codec: PredictionCodec, asked: Asked): Promise<Answer> | Answer {
    const { headers } = asked.exchange;
    const passes = model.cachePasses;
    // Nothing of the cache is asked then, not even whether it is worth it.
    if (headers['cache-control'] === undefined && passes?.take() === true)
      return this.#predict(model, codec, asked, PAST);
    const memo = this.#options.memo();
    const isRememberable = memo?.takes(headers, asked.body) === true;
    if (!isRememberable || passes?.wantsAnswer() !== true) {
      const answer = this.#predict(model, codec, asked, { directive: cacheDirective(headers) });
      passes?.grant(isRememberable);
      return answer;
    }
    const key = memo.keyOf(codec.name, model.source, asked.body);
    const remembered = memo.recall(key);
    passes.recordAnswer(remembered !== undefined);
    if (remembered !== undefined) return recalled(remembered, model);
    return this.#predict(model, codec, asked, {
      directive: CACHE_AS_CONFIGURED,
      remember: (answer, cache) => memo.remember(key, answer, cache),
    });
  }

  #predict(
    model: ServedModel,
    codec: PredictionCodec,
    { exchange, body, startedAt }: Asked,
    { directive, remember }: CacheWish,
  ): Promise<Answer> | Answer {
    const { headers } = exchange;
    const decoded = codec.decode(body, headers, model.signature);
    if (!decoded.ok) return errorAnswer(decoded.error);
    const { request } = decoded.value;
    this.#options.limits.buffers.giveDecoded(body, request.inputs);
    const limitMs = timeLimitMs(request, headers, this.#options.timeoutMs);
    if (typeof limitMs !== 'number') return errorAnswer(limitMs);
    const context = this.#contextOf(exchange, startedAt + limitMs, directive);
    return model.predict(request, context).then((result) => {
      if (!result.ok) return errorAnswer(result.error);
      const { outputs, cache } = result.value;
      const response = { modelName: model.source.name, modelVersion: model.source.version, outputs };
      const encoded = decoded.value.encode(
        request.id === undefined ? response : { id: request.id, ...response },
      );
      if (!encoded.ok) return errorAnswer(encoded.error);
      remember?.(encoded.value, cache);
      return answerOf(encoded.value, cache);
    });
  }

  #contextOf({ context, trace }: Exchange, deadline: number, cache: CacheDirective): PredictContext {
    return {
      deadline,
      cache,
      stages: trace?.stages,
      exemplarTraceId: this.#options.exemplars ? sampledTraceIdOf(context) : undefined,
    };
  }
}

/** What a request wants of the cache, and who keeps its answer by its bytes. */
interface CacheWish {
  readonly directive: CacheDirective;
  readonly remember?: (answer: EncodedPrediction, cache: CacheOutcome) => void;
}

const PAST: CacheWish = { directive: PAST_CACHE };

/** What a request says, once its body is whole. */
interface Asked {
  readonly exchange: Exchange;
  readonly body: Buffer;
  readonly startedAt: number;
}

function counted({ statistics }: ServedModel, bytesIn: number, answer: Answer): Answer {
  statistics.bytesIn += bytesIn;
  statistics.bytesOut += lengthOf(answer.body);
  return answer;
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

/** The shortest of the server's limit, the header's and the parameter's; an error when one of them is no duration. */
function timeLimitMs(
  request: InferenceRequest,
  headers: IncomingHttpHeaders,
  serverMs: number,
): number | InferenceError {
  const own = requestTimeoutMs(request.parameters);
  if (!own.ok) return own.error;
  const limit = Math.min(serverMs, own.value);
  const header = headers[TIMEOUT_HEADER];
  if (header === undefined) return limit;
  const milliseconds = Number(header);
  if (!(milliseconds > 0))
    return { code: 'InvalidArgument', message: 'must be a number of milliseconds', place: TIMEOUT_HEADER };
  return Math.min(limit, milliseconds);
}

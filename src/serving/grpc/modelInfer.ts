/** A prediction over gRPC: the message as a request of the data plane, and its answer as a message. */
import type { ServerDuplexStream, ServerUnaryCall } from '@grpc/grpc-js';
import { type Clock, fail, ok, type Result } from '../../base/index.js';
import { type Client, refusalFor } from '../auth/index.js';
import type { CacheDirective, CacheOutcome, ModelCatalogue } from '../dataplane/index.js';
import { type BodyBudget, NO_ROOM } from '../http/body.js';
import { cacheDirective } from '../http/cacheHeaders.js';
import {
  decodeGrpcRequest,
  encodeGrpcResponse,
  expandedBytes,
  type InferenceError,
  type InferenceRequest,
  type ModelInferRequest,
  type ModelInferResponse,
} from '../protocol/index.js';
import { grpcStatus } from '../protocol/status.js';
import { requestTimeoutMs } from '../protocol/timeout.js';
import type { RequestTrace, RequestTracer, TracedRequest } from '../telemetry/requestTracer.js';

/** What the caller wants of the server beside the answer. */
export interface CallTerms {
  /** When the call's deadline passes: milliseconds since the Unix epoch, or Infinity. */
  readonly deadlineAt: number;
  readonly cache: CacheDirective;
  /** Who asks; undefined where everybody may. */
  readonly client: Client | undefined;
  /** Aborted when the call is cancelled. */
  readonly signal: AbortSignal;
  /** The caller's place in a trace; asked for only when there is one to continue. */
  readonly traceHeaders: () => TracedRequest['headers'];
}

export function termsOf(
  call: ServerUnaryCall<unknown, unknown> | ServerDuplexStream<unknown, unknown>,
  client: Client | undefined,
): CallTerms {
  const cancelled = new AbortController();
  if (call.cancelled) cancelled.abort();
  else call.once('cancelled', () => cancelled.abort());
  return {
    deadlineAt: Number(call.getDeadline()),
    cache: cacheDirective({ 'cache-control': call.metadata.get('cache-control')[0]?.toString() }),
    client,
    signal: cancelled.signal,
    traceHeaders: () => ({
      traceparent: call.metadata.get('traceparent')[0]?.toString(),
      tracestate: call.metadata.get('tracestate')[0]?.toString(),
    }),
  };
}

export interface InferAnswer {
  readonly message: ModelInferResponse;
  readonly cache: CacheOutcome;
}

export interface ModelInferOptions {
  readonly catalogue: ModelCatalogue;
  readonly clock: Clock;
  /** The server's own limit of one request, in milliseconds. */
  readonly timeoutMs: number;
  /** Undefined where tracing is turned off. */
  readonly tracer: () => RequestTracer | undefined;
  /** Bytes of all requests in this process, over HTTP too. */
  readonly budget: BodyBudget;
}

/** What of a call a trace tells. */
const CALL = {
  'rpc.system': 'grpc',
  'rpc.service': 'inference.GRPCInferenceService',
  'rpc.method': 'ModelInfer',
};

/** Statuses for which the server is to blame, by OpenTelemetry's conventions for gRPC servers. */
const OWN_FAILURES: ReadonlySet<number> = new Set([2, 4, 12, 13, 14, 15]);

interface Begun {
  readonly startedAt: number;
  readonly trace: RequestTrace | undefined;
}

const TOO_LARGE: InferenceError = {
  code: 'PayloadTooLarge',
  message: 'its tensors would take more memory than the server has for all requests together',
};

export class ModelInfer {
  readonly #options: ModelInferOptions;

  constructor(options: ModelInferOptions) {
    this.#options = options;
  }

  async answer(message: ModelInferRequest, terms: CallTerms): Promise<Result<InferAnswer, InferenceError>> {
    const startedAt = this.#options.clock.monotonic();
    const tracer = this.#options.tracer();
    if (tracer === undefined) return this.#predict(message, terms, { startedAt, trace: undefined });
    const trace = tracer.start({
      name: `${CALL['rpc.service']}/${CALL['rpc.method']}`,
      attributes: CALL,
      headers: terms.traceHeaders(),
      startedAt,
    });
    const result = await this.#predict(message, terms, { startedAt, trace });
    const code = result.ok ? 0 : grpcStatus(result.error.code);
    trace.end({ 'rpc.grpc.status_code': code }, OWN_FAILURES.has(code) ? String(code) : undefined);
    return result;
  }

  async #predict(
    message: ModelInferRequest,
    terms: CallTerms,
    begun: Begun,
  ): Promise<Result<InferAnswer, InferenceError>> {
    const { budget } = this.#options;
    const bytes = message.byteLength + expandedBytes(message);
    if (bytes > budget.maxBytes) return fail(TOO_LARGE);
    if (!budget.take(bytes)) return fail(NO_ROOM);
    try {
      return await this.#predictHeld(message, terms, begun);
    } finally {
      budget.give(bytes);
    }
  }

  async #predictHeld(
    message: ModelInferRequest,
    terms: CallTerms,
    { startedAt, trace }: Begun,
  ): Promise<Result<InferAnswer, InferenceError>> {
    const { catalogue } = this.#options;
    const refusal = refusalFor(terms.client, message.model_name);
    if (refusal !== undefined) return fail(refusal);
    const found = catalogue.find(message.model_name, message.model_version || undefined);
    if (!found.ok) return found;
    const model = found.value;
    trace?.servedBy(model.source);
    model.statistics.bytesIn += message.byteLength;
    const decoded = decodeGrpcRequest(message, model.signature);
    if (!decoded.ok) return decoded;
    const { request, raw } = decoded.value;
    const limitMs = this.#limitMs(request, terms);
    if (!limitMs.ok) return limitMs;
    const { cache, signal } = terms;
    const deadline = startedAt + limitMs.value;
    const result = await model.predict(request, { deadline, cache, signal, stages: trace?.stages });
    if (!result.ok) return result;
    const { name: modelName, version: modelVersion } = model.source;
    const answer = { modelName, modelVersion, outputs: result.value.outputs };
    const response = request.id === undefined ? answer : { id: request.id, ...answer };
    return ok({ message: encodeGrpcResponse(response, raw), cache: result.value.cache });
  }

  /** The shortest of the server's limit, what is left of the call's deadline, and the `timeout` parameter. */
  #limitMs(request: InferenceRequest, { deadlineAt }: CallTerms): Result<number, InferenceError> {
    const { clock, timeoutMs } = this.#options;
    const limit = Math.min(timeoutMs, deadlineAt - clock.now());
    const own = requestTimeoutMs(request.parameters);
    return own.ok ? ok(Math.min(limit, own.value)) : own;
  }
}

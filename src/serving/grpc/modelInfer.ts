/** A prediction over gRPC: the message as a request of the data plane, and its answer as a message. */
import type { ServerDuplexStream, ServerUnaryCall } from '@grpc/grpc-js';
import { type Clock, fail, ok, type Result } from '../../base/index.js';
import { type Client, refusalFor } from '../auth/index.js';
import type { CacheDirective, CacheOutcome, ModelCatalogue } from '../dataplane/index.js';
import { cacheDirective } from '../http/cacheHeaders.js';
import {
  decodeGrpcRequest,
  encodeGrpcResponse,
  type InferenceError,
  type InferenceRequest,
  type ModelInferRequest,
  type ModelInferResponse,
} from '../protocol/index.js';

/** What the caller wants of the server beside the answer. */
export interface CallTerms {
  /** When the call's deadline passes: milliseconds since the Unix epoch, or Infinity. */
  readonly deadlineAt: number;
  readonly cache: CacheDirective;
  /** Who asks; undefined where everybody may. */
  readonly client: Client | undefined;
  /** Aborted when the call is cancelled. */
  readonly signal: AbortSignal;
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
}

export class ModelInfer {
  readonly #options: ModelInferOptions;

  constructor(options: ModelInferOptions) {
    this.#options = options;
  }

  async answer(message: ModelInferRequest, terms: CallTerms): Promise<Result<InferAnswer, InferenceError>> {
    const { catalogue, clock } = this.#options;
    const startedAt = clock.monotonic();
    const refusal = refusalFor(terms.client, message.model_name);
    if (refusal !== undefined) return fail(refusal);
    const found = catalogue.find(message.model_name, message.model_version || undefined);
    if (!found.ok) return found;
    const model = found.value;
    const decoded = decodeGrpcRequest(message, model.signature);
    if (!decoded.ok) return decoded;
    const { request, raw } = decoded.value;
    const limitMs = this.#limitMs(request, terms);
    if (!limitMs.ok) return limitMs;
    const { cache, signal } = terms;
    const result = await model.predict(request, { deadline: startedAt + limitMs.value, cache, signal });
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
    const { timeout } = request.parameters;
    if (timeout === undefined) return ok(limit);
    const microseconds = Number(timeout);
    if (!(microseconds >= 0)) {
      return fail({
        code: 'InvalidArgument',
        message: 'must be a number of microseconds',
        place: 'parameters.timeout',
      });
    }
    // Triton takes 0 as "no limit of mine".
    return ok(microseconds === 0 ? limit : Math.min(limit, microseconds / 1000));
  }
}

/** A prediction over gRPC: the message as a request of the data plane, and its answer as a message. */
import { Metadata, type ServerDuplexStream, type ServerUnaryCall } from '@grpc/grpc-js';
import { type Clock, fail, ok, type Result } from '../../base/index.js';
import type { ModelCatalogue } from '../dataplane/index.js';
import { cacheDirective, cacheHeaders } from '../http/cacheHeaders.js';
import {
  decodeGrpcRequest,
  encodeGrpcResponse,
  type InferenceError,
  type InferenceRequest,
  type ModelInferRequest,
  type ModelInferResponse,
} from '../protocol/index.js';

/** What a handler may know of the call it answers. */
export type IncomingCall = Pick<
  ServerUnaryCall<unknown, unknown> | ServerDuplexStream<unknown, unknown>,
  'metadata' | 'getDeadline' | 'cancelled' | 'sendMetadata'
>;

export interface ModelInferOptions {
  readonly catalogue: ModelCatalogue;
  readonly clock: Clock;
  /** The server's own limit of one request, in milliseconds. */
  readonly timeoutMs: number;
}

const GONE: InferenceError = { code: 'DeadlineExceeded', message: 'the call was cancelled' };

export class ModelInfer {
  readonly #options: ModelInferOptions;

  constructor(options: ModelInferOptions) {
    this.#options = options;
  }

  async answer(
    message: ModelInferRequest,
    call: IncomingCall,
  ): Promise<Result<ModelInferResponse, InferenceError>> {
    const { catalogue, clock } = this.#options;
    const startedAt = clock.monotonic();
    const found = catalogue.find(message.model_name, message.model_version || undefined);
    if (!found.ok) return found;
    const model = found.value;
    const decoded = decodeGrpcRequest(message, model.signature);
    if (!decoded.ok) return decoded;
    const { request, raw } = decoded.value;
    const limitMs = this.#limitMs(request, call);
    if (!limitMs.ok) return limitMs;
    const cacheControl = call.metadata.get('cache-control')[0]?.toString();
    const result = await model.predict(request, {
      deadline: startedAt + limitMs.value,
      cache: cacheDirective({ 'cache-control': cacheControl }),
    });
    if (call.cancelled) return fail(GONE);
    if (!result.ok) return result;
    sendCacheStatus(call, cacheHeaders(result.value.cache));
    const { name: modelName, version: modelVersion } = model.source;
    const response = { modelName, modelVersion, outputs: result.value.outputs };
    return ok(encodeGrpcResponse(request.id === undefined ? response : { id: request.id, ...response }, raw));
  }

  /** The shortest of the server's limit, what is left of the call's deadline, and the `timeout` parameter. */
  #limitMs(request: InferenceRequest, call: IncomingCall): Result<number, InferenceError> {
    const { clock, timeoutMs } = this.#options;
    const left = Number(call.getDeadline()) - clock.now();
    const limit = Math.min(timeoutMs, left);
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

/** `headers` are names and values in turn. */
function sendCacheStatus(call: IncomingCall, headers: readonly string[]): void {
  const metadata = new Metadata();
  for (let index = 0; index + 1 < headers.length; index += 2) {
    metadata.set(headers[index] as string, headers[index + 1] as string);
  }
  call.sendMetadata(metadata);
}

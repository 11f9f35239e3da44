/** `inference.GRPCInferenceService`: the Open Inference Protocol over gRPC, and what Triton's clients add to it. */
import { once } from 'node:events';
import {
  type handleBidiStreamingCall,
  Metadata,
  type ServerDuplexStream,
  type ServerUnaryCall,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { type Clock, fail, ok, type Result } from '../../base/index.js';
import type { ModelCatalogue, ServedModel } from '../dataplane/index.js';
import { cacheHeaders } from '../http/cacheHeaders.js';
import type { InferenceError } from '../protocol/inference.js';
import { errorText, type ModelInferRequest, type ModelInferResponse } from '../protocol/index.js';
import { type CallObserver, contextOf, logFailure, NO_MESSAGE, unary } from './answers.js';
import { ModelInfer, termsOf } from './modelInfer.js';
import { configurationOf, indexOf, metadataOf, serverMetadata, statisticsOf } from './modelMessages.js';
import { MALFORMED } from './services.js';

export interface InferenceServiceOptions extends CallObserver {
  readonly catalogue: ModelCatalogue;
  readonly clock: Clock;
  /** The server's own limit of one request, in milliseconds. */
  readonly timeoutMs: number;
  readonly serverVersion: string;
  /** Why the server is not ready; empty when it is. */
  readonly notReady: () => readonly string[];
}

/** Names a model; an empty version is the default one. */
interface ModelRequest {
  readonly name: string;
  readonly version: string;
}

export function inferenceService(options: InferenceServiceOptions): UntypedServiceImplementation {
  const { catalogue } = options;
  const modelInfer = new ModelInfer(options);
  const method = <Request, Response>(
    handle: (
      request: Request,
      call: ServerUnaryCall<Request, Response>,
    ) => Result<Response, InferenceError> | Promise<Result<Response, InferenceError>>,
  ) => unary<Request, Response>(handle, options);
  const ofModel = <Response>(describe: (model: ServedModel) => Response) =>
    method(({ name, version }: ModelRequest) => {
      const found = findModel(catalogue, name, version);
      return found.ok ? ok(describe(found.value)) : found;
    });
  return {
    ServerLive: method(() => ok({ live: true })),
    ServerReady: method(() => ok({ ready: options.notReady().length === 0 })),
    ModelReady: method(({ name, version }: ModelRequest) => readiness(catalogue, name, version)),
    ServerMetadata: method(() => ok(serverMetadata(options.serverVersion))),
    ModelMetadata: ofModel((model) => metadataOf(model, catalogue.versions(model.source.name))),
    ModelConfig: ofModel(configurationOf),
    ModelStatistics: method(({ name, version }: ModelRequest) => {
      if (name === '') return ok({ model_stats: catalogue.ready().map(statisticsOf) });
      const found = findModel(catalogue, name, version);
      return found.ok ? ok({ model_stats: [statisticsOf(found.value)] }) : found;
    }),
    RepositoryIndex: method(({ ready }: { readonly ready: boolean }) =>
      ok({ models: indexOf(catalogue, ready) }),
    ),
    ModelInfer: method(async (request: ModelInferRequest, call) => {
      const answered = await modelInfer.answer(request, termsOf(call));
      if (!answered.ok) return answered;
      sendCacheStatus(call, cacheHeaders(answered.value.cache));
      return ok(answered.value.message);
    }),
    ModelStreamInfer: streamed(modelInfer, options),
  };
}

function findModel(
  catalogue: ModelCatalogue,
  name: string,
  version: string,
): Result<ServedModel, InferenceError> {
  return catalogue.find(name, version === '' ? undefined : version);
}

/** A model that is loading, or failed to, is not ready; one that does not exist is an error. */
function readiness(
  catalogue: ModelCatalogue,
  name: string,
  version: string,
): Result<{ ready: boolean }, InferenceError> {
  const found = findModel(catalogue, name, version);
  if (found.ok) return ok({ ready: true });
  return found.error.code === 'NotReady' ? ok({ ready: false }) : fail(found.error);
}

/** `headers` are names and values in turn. */
function sendCacheStatus(
  call: Pick<ServerUnaryCall<unknown, unknown>, 'sendMetadata'>,
  headers: readonly string[],
): void {
  const metadata = new Metadata();
  for (let index = 0; index + 1 < headers.length; index += 2) {
    metadata.set(headers[index] as string, headers[index + 1] as string);
  }
  call.sendMetadata(metadata);
}

interface StreamAnswer {
  readonly error_message: string;
  readonly infer_response?: Partial<ModelInferResponse>;
}

/** One request after another, so that answers come in their order; a failed one does not end the stream. */
function streamed(
  modelInfer: ModelInfer,
  observer: CallObserver,
): handleBidiStreamingCall<ModelInferRequest, StreamAnswer> {
  return (call) => {
    const startedAt = observer.clock.monotonic();
    const context = contextOf(call.metadata);
    void answerAll(modelInfer, call)
      .catch((error: unknown) => {
        // A client that goes away in the middle is no failure of ours.
        if (!call.cancelled) logFailure(observer, context, error);
      })
      .then(() => {
        call.end();
        const durationMs = observer.clock.monotonic() - startedAt;
        const code = call.cancelled ? status.CANCELLED : status.OK;
        observer.onAnswered({ context, path: call.getPath(), status: code, durationMs });
      });
  };
}

async function answerAll(
  modelInfer: ModelInfer,
  call: ServerDuplexStream<ModelInferRequest, StreamAnswer>,
): Promise<void> {
  const terms = termsOf(call);
  // Reading to the end must not destroy the other direction.
  for await (const message of call.iterator({ destroyOnReturn: false })) {
    const request = message as ModelInferRequest | typeof MALFORMED;
    if (terms.signal.aborted) return;
    const result = request === MALFORMED ? fail(NO_MESSAGE) : await modelInfer.answer(request, terms);
    const answer: StreamAnswer = result.ok
      ? { error_message: '', infer_response: result.value.message }
      : {
          error_message: errorText(result.error),
          infer_response: { id: request === MALFORMED ? '' : (request.id ?? '') },
        };
    if (!call.write(answer) && !call.cancelled)
      await Promise.race([once(call, 'drain'), once(call, 'cancelled')]);
  }
}

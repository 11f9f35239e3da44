/** `inference.GRPCInferenceService`: the Open Inference Protocol over gRPC, and what Triton's clients add to it. */
import { once } from 'node:events';
import {
  type handleBidiStreamingCall,
  type handleUnaryCall,
  Metadata,
  type ServerDuplexStream,
  type ServerUnaryCall,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { fail, ok, type Result } from '../../base/index.js';
import { type Admission, type Client, mayUse, refusalFor } from '../auth/index.js';
import { type ModelControl, refuseParameters } from '../control/index.js';
import type { ModelCatalogue, ServedModel } from '../dataplane/index.js';
import { cacheHeaders } from '../http/cacheHeaders.js';
import { metadataOf } from '../http/modelRoutes.js';
import type { InferenceError } from '../protocol/inference.js';
import type { ModelOrder } from '../processes/index.js';
import { errorText, type ModelInferRequest, type ModelInferResponse } from '../protocol/index.js';
import { contextOf, logFailure, type MethodOptions, NO_MESSAGE, unary } from './answers.js';
import { ModelInfer, type ModelInferOptions, termsOf } from './modelInfer.js';
import { configurationOf, serverMetadata } from './modelMessages.js';
import { MALFORMED, type StreamAnswer } from './services.js';

export interface InferenceServiceOptions extends MethodOptions, ModelInferOptions {
  readonly serverVersion: string;
  /** An entry of Triton's statistics, counted over every process of the pod. */
  readonly statistics: (model: ServedModel) => Promise<object>;
  /** Loads and unloads models by request. */
  readonly control: ModelControl;
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
  const ofModel = <Response>(describe: (model: ServedModel) => Response) =>
    unary<ModelRequest, Response>((request, _call, client) => {
      const found = findModel(catalogue, request, client);
      return found.ok ? ok(describe(found.value)) : found;
    }, options);
  return {
    ServerLive: unary(() => ok({ live: true }), options),
    ServerReady: unary(() => ok({ ready: options.notReady().length === 0 }), options),
    ModelReady: unary<ModelRequest, object>(
      (request, _call, client) => readiness(findModel(catalogue, request, client)),
      options,
    ),
    ServerMetadata: unary(() => ok(serverMetadata(options.serverVersion)), options),
    ModelMetadata: ofModel((model) => metadataOf(model, catalogue.versions(model.source.name))),
    ModelConfig: ofModel(configurationOf),
    ModelStatistics: unary<ModelRequest, object>(async (request, _call, client) => {
      const found = findModels(catalogue, request, client);
      if (!found.ok) return found;
      return ok({ model_stats: await Promise.all(found.value.map(options.statistics)) });
    }, options),
    RepositoryIndex: unary<{ readonly ready: boolean }, object>(
      async ({ ready }, _call, client) => ok({ models: await options.control.indexFor(client, ready) }),
      options,
    ),
    RepositoryModelLoad: ordered('load', options),
    RepositoryModelUnload: ordered('unload', options),
    ModelInfer: unary<ModelInferRequest, ModelInferResponse>(async (request, call, client) => {
      const answered = await modelInfer.answer(request, termsOf(call, client));
      if (!answered.ok) return answered;
      sendCacheStatus(call, cacheHeaders(answered.value.cache));
      return ok(answered.value.message);
    }, options),
    ModelStreamInfer: streamed(modelInfer, options),
  };
}

interface OrderRequest {
  readonly repository_name: string;
  readonly model_name: string;
  readonly parameters: Readonly<Record<string, { readonly parameter_choice?: string }>>;
}

/** A call that loads or unloads a model. Source: Triton's extension_model_repository.md. */
function ordered(
  action: ModelOrder['action'],
  options: InferenceServiceOptions,
): handleUnaryCall<OrderRequest, object> {
  const { control } = options;
  return unary<OrderRequest, object>(async ({ repository_name, model_name, parameters }, _call, client) => {
    const refusal = control.enabled ? refuseOrder(action, repository_name, parameters) : undefined;
    if (refusal !== undefined) return fail(refusal);
    const done = await control.order({ action, model: model_name }, client);
    return done.ok ? ok({}) : done;
  }, options);
}

function refuseOrder(
  action: ModelOrder['action'],
  repository: string,
  parameters: OrderRequest['parameters'],
): InferenceError | undefined {
  if (repository !== '') {
    return { code: 'InvalidArgument', message: "'repository_name' specification is not supported" };
  }
  const values = Object.entries(parameters).map(([name, parameter]) => [
    name,
    (parameter as Readonly<Record<string, unknown>>)[parameter.parameter_choice ?? ''],
  ]);
  return refuseParameters(action, Object.fromEntries(values) as Record<string, unknown>);
}

function findModel(
  catalogue: ModelCatalogue,
  { name, version }: ModelRequest,
  client: Client | undefined,
): Result<ServedModel, InferenceError> {
  const refusal = refusalFor(client, name);
  return refusal === undefined ? catalogue.find(name, version === '' ? undefined : version) : fail(refusal);
}

/** Every model that is ready and that the client may use, where the request names none. */
function findModels(
  catalogue: ModelCatalogue,
  request: ModelRequest,
  client: Client | undefined,
): Result<readonly ServedModel[], InferenceError> {
  if (request.name === '') return ok(catalogue.ready().filter(({ source }) => mayUse(client, source.name)));
  const found = findModel(catalogue, request, client);
  return found.ok ? ok([found.value]) : found;
}

/** A model that is loading, or failed to, is not ready; one that does not exist is an error. */
function readiness(
  found: Result<ServedModel, InferenceError>,
): Result<{ readonly ready: boolean }, InferenceError> {
  if (found.ok) return ok({ ready: true });
  return found.error.code === 'NotReady' ? ok({ ready: false }) : found;
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

/** One request after another, so that answers come in their order; a failed one does not end the stream. */
function streamed(
  modelInfer: ModelInfer,
  options: MethodOptions,
): handleBidiStreamingCall<ModelInferRequest, StreamAnswer> {
  return (call) => {
    const startedAt = options.clock.monotonic();
    const context = contextOf(call.metadata);
    const client = options.clientOf(call.metadata);
    let admitted: Admission | undefined = { client, refusal: undefined };
    // Each request of a stream counts for itself, and the token may have been taken back since the one before.
    const admit = () => {
      const admission = admitted ?? options.admit(call.metadata, call.getPeer());
      admitted = undefined;
      return admission;
    };
    void answerAll(modelInfer, call, admit)
      .catch((error: unknown) => {
        // A client that goes away in the middle is no failure of ours.
        if (!call.cancelled) logFailure(options, context, error);
      })
      .then(() => {
        call.end();
        const durationMs = options.clock.monotonic() - startedAt;
        const code = call.cancelled ? status.CANCELLED : status.OK;
        options.onAnswered({ context, client, path: call.getPath(), status: code, durationMs });
      });
  };
}

async function answerAll(
  modelInfer: ModelInfer,
  call: ServerDuplexStream<ModelInferRequest, StreamAnswer>,
  admit: () => Admission | Promise<Admission>,
): Promise<void> {
  const terms = termsOf(call, undefined);
  // Reading to the end must not destroy the other direction.
  for await (const message of call.iterator({ destroyOnReturn: false })) {
    const request = message as ModelInferRequest | typeof MALFORMED;
    if (terms.signal.aborted) return;
    const { client, refusal } = await admit();
    const result =
      refusal !== undefined || request === MALFORMED
        ? fail(refusal ?? NO_MESSAGE)
        : await modelInfer.answer(request, { ...terms, client });
    const answer: StreamAnswer = result.ok
      ? { error_message: '', infer_response: result.value.message }
      : {
          error_message: errorText(result.error),
          infer_response: { id: request === MALFORMED ? '' : request.id },
        };
    if (!call.write(answer) && !call.cancelled)
      await Promise.race([once(call, 'drain'), once(call, 'cancelled')]);
  }
}

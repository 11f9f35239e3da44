export { parseRedisUrl } from './cache/index.js';
export type { ModelRepository } from './control/index.js';
export type { ModelSource } from './dataplane/index.js';
// Not through the protocol's index: that has the typed endpoint too, whose validator a start would pay for.
export { decodeInferRequest } from './protocol/v2/decodeRequest.js';
export { encodeInferResponse } from './protocol/v2/encodeResponse.js';
export { availableCores } from './runtime/availableCores.js';
export { createOnnxRuntime } from './runtime/onnxRuntime.js';
export type { AccessLogConfig, TraceSampling, TracingConfig } from './telemetry/index.js';
export { type RunningServer, startServer } from './server.js';
export type { RedisOptions, ServerAccess, ServerConfig, ServerOptions } from './serverOptions.js';
export { tryModels, type TriedModel } from './tryModels.js';

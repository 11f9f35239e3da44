/** What V2 and V1 tell about the server and its models. Source: open-inference-protocol, HTTP/REST; KServe's V1. */
import type { PurgeReport } from '../cache/index.js';
import type { ModelCatalogue, ServedModel } from '../dataplane/index.js';
import type { TensorSignature } from '../protocol/tensor.js';
import { modelConfiguration } from '../protocol/v2/modelConfiguration.js';
import { type Answer, errorAnswer, jsonAnswer } from './reply.js';

export const SERVER_NAME = 'gantry';

export const EXTENSIONS = [
  'binary_tensor_data',
  'model_repository',
  'model_repository(unload_dependents)',
  'statistics',
  'model_configuration',
];

export function serverMetadata(version: string): Answer {
  return jsonAnswer(200, { name: SERVER_NAME, version, extensions: EXTENSIONS });
}

export function liveAnswer(): Answer {
  return jsonAnswer(200, { live: true });
}

/** `reasons` says what is not ready yet; ready when there is nothing. */
export function readyAnswer(reasons: readonly string[]): Answer {
  if (reasons.length === 0) return jsonAnswer(200, { ready: true });
  return jsonAnswer(503, { ready: false, error: reasons.join('; ') });
}

export function withModel(
  catalogue: ModelCatalogue,
  name: string,
  version: string | undefined,
  answer: (model: ServedModel) => Answer,
): Answer {
  const found = catalogue.find(name, version);
  return found.ok ? answer(found.value) : errorAnswer(found.error);
}

export function modelMetadata(catalogue: ModelCatalogue, model: ServedModel): Answer {
  return jsonAnswer(200, metadataOf(model, catalogue.versions(model.source.name)));
}

/** The same over gRPC. */
export function metadataOf({ source, signature }: ServedModel, versions: readonly string[]): object {
  return {
    name: source.name,
    versions,
    platform: 'onnxruntime_onnx',
    inputs: signature.inputs.map(tensorMetadata),
    outputs: signature.outputs.map(tensorMetadata),
  };
}

export function readyModelAnswer({ source }: ServedModel): Answer {
  return jsonAnswer(200, { name: source.name, version: source.version, ready: true });
}

function tensorMetadata({ name, datatype, shape }: TensorSignature): object {
  return { name, datatype, shape };
}

/** Triton's statistics extension; each entry counts for the whole pod. */
export function statisticsAnswer(entries: readonly object[]): Answer {
  return jsonAnswer(200, { model_stats: entries });
}

/** 202 when Redis is still to be told. */
export function purgeAnswer(report: PurgeReport | undefined): Answer {
  if (report === undefined) {
    return jsonAnswer(409, { error: 'the cache is turned off: there is nothing to purge' });
  }
  return jsonAnswer(report.redis === 'pending' ? 202 : 200, report);
}

/** Triton's model configuration extension. */
export function configurationOf({ source, signature }: ServedModel): Answer {
  return jsonAnswer(200, modelConfiguration(source.name, signature));
}

/** The parts of Triton's statistics that mean something here; times are nanoseconds. */
export function statisticsEntry({ statistics, source }: ServedModel): object {
  const nanoseconds = (seconds: number) => Math.round(seconds * 1e9);
  const good = statistics.outcomes.get('ok') ?? 0;
  let all = 0;
  for (const count of statistics.outcomes.values()) all += count;
  return {
    name: source.name,
    version: source.version,
    last_inference: statistics.lastPredictionAt,
    inference_count: statistics.rows,
    execution_count: statistics.run.count,
    inference_stats: {
      success: { count: good, ns: nanoseconds(statistics.latency.sum) },
      fail: { count: all - good, ns: 0 },
      queue: { count: statistics.queued.count, ns: nanoseconds(statistics.queued.sum) },
      compute_infer: { count: statistics.run.count, ns: nanoseconds(statistics.run.sum) },
    },
  };
}

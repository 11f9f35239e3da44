/** The services this server has, made from the .proto files (`node scripts/generate-grpc.js`). */
import { fromJSON, type MethodDefinition, type PackageDefinition } from '@grpc/proto-loader';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { type ModelInferResponse, readInferRequest } from '../protocol/index.js';
import descriptors from './services.generated.json' with { type: 'json' };

export const INFERENCE_SERVICE = 'inference.GRPCInferenceService';
export const HEALTH_SERVICE = 'grpc.health.v1.Health';

/** One answer of a stream; `infer_response` has the id alone where `error_message` says what is wrong. */
export interface StreamAnswer {
  readonly error_message: string;
  readonly infer_response: Partial<ModelInferResponse>;
}

/** What stands in for a request that is no message of its type. */
export const MALFORMED: unique symbol = Symbol('malformed message');

/** As protocol/grpc/messages.ts describes the answers. */
export const packageDefinition: PackageDefinition = fromJSON(descriptors as Parameters<typeof fromJSON>[0], {
  keepCase: true,
  longs: String,
  enums: String,
  defaults: true,
  oneofs: true,
});

/**
 * A service whose handlers are given MALFORMED for bytes that are no message: grpc-js itself would answer INTERNAL,
 * which is for the server's own mistakes.
 */
export function serviceNamed(name: string): ServiceDefinition {
  return Object.fromEntries(
    methodsOf(name).map(([method, definition]) => [
      method,
      { ...definition, requestDeserialize: tolerant(definition.requestDeserialize) },
    ]),
  );
}

/**
 * The inference service, whose predictions are read by readInferRequest.ts. `onAnswer` is told how many bytes each
 * prediction's answer takes.
 */
export function inferenceServiceDefinition(
  onAnswer: (answer: Partial<ModelInferResponse>, bytes: number) => void,
): ServiceDefinition {
  const service = serviceNamed(INFERENCE_SERVICE);
  const predicting = (method: string, answerOf: (message: object) => Partial<ModelInferResponse>) => {
    const definition = service[method] as MethodDefinition<object, object>;
    const responseSerialize = (message: object): Buffer => {
      const bytes = definition.responseSerialize(message);
      onAnswer(answerOf(message), bytes.byteLength);
      return bytes;
    };
    return { ...definition, requestDeserialize: tolerant(readInferRequest), responseSerialize };
  };
  return {
    ...service,
    ModelInfer: predicting('ModelInfer', (message) => message),
    ModelStreamInfer: predicting('ModelStreamInfer', (message) => (message as StreamAnswer).infer_response),
  };
}

function methodsOf(name: string): [string, MethodDefinition<object, object>][] {
  return Object.entries(packageDefinition[name] ?? {}) as [string, MethodDefinition<object, object>][];
}

function tolerant(deserialize: (bytes: Buffer) => object): (bytes: Buffer) => object | typeof MALFORMED {
  return (bytes) => {
    try {
      return deserialize(bytes);
    } catch {
      return MALFORMED;
    }
  };
}

/** The services this server has, made from the .proto files (`node scripts/generate-grpc.js`). */
import { fromJSON, type MethodDefinition, type PackageDefinition } from '@grpc/proto-loader';
import type { ServiceDefinition } from '@grpc/grpc-js';
import descriptors from './services.generated.json' with { type: 'json' };

export const INFERENCE_SERVICE = 'inference.GRPCInferenceService';
export const HEALTH_SERVICE = 'grpc.health.v1.Health';

/** What stands in for a request that is no message of its type. */
export const MALFORMED: unique symbol = Symbol('malformed message');

/** As protocol/grpc/messages.ts describes the messages. */
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
  const methods = Object.entries(packageDefinition[name] ?? {}) as [
    string,
    MethodDefinition<object, object>,
  ][];
  return Object.fromEntries(
    methods.map(([method, definition]) => [
      method,
      { ...definition, requestDeserialize: tolerant(definition.requestDeserialize) },
    ]),
  );
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

/** A ModelInferRequest as a client puts it on the wire. */
import protobuf from 'protobufjs';
import descriptors from '../../src/serving/grpc/services.generated.json' with { type: 'json' };

const type = protobuf.Root.fromJSON(descriptors as protobuf.INamespace).lookupType(
  'inference.ModelInferRequest',
);

/** `message` by the names of the .proto file; 64-bit integers as strings or numbers. */
export function inferRequestBytes(message: Record<string, unknown>): Uint8Array {
  return type.encode(type.fromObject(message)).finish();
}

/** Cache keys. Two requests share one exactly when the same bytes of the same model must give the same answer. */
import { Buffer } from 'node:buffer';
import { createHash, hash } from 'node:crypto';
import type { InferenceRequest } from './inference.js';
import { binaryByteLength, encodeBinary } from './v2/binary.js';

/** How soon and how urgently, which no answer depends on. */
const SCHEDULING = new Set(['timeout', 'priority']);

/** Requests up to this size are hashed in one call, which costs less than a hash object. */
const SMALL = 16384;

/**
 * SHA-256 (base64url) over the model, its version and digest, every input (name, datatype, shape, bytes, sorted by
 * name), the outputs in the order asked for and the parameters. Not over the id, nor over how the answer is to be
 * encoded: what is cached are tensors, so that JSON, binary and gRPC share them.
 */
export function predictionKey(
  model: string,
  version: string,
  digest: string,
  request: InferenceRequest,
): string {
  const inputs = [...request.inputs].sort((a, b) => (a.name < b.name ? -1 : 1));
  const parameters = Object.entries(request.parameters)
    .filter(([name]) => !SCHEDULING.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  // JSON delimits its parts, and every length of what follows it is in it: no two requests make the same bytes.
  const head = JSON.stringify([
    model,
    version,
    digest,
    inputs.map((input) => [input.name, input.datatype, input.shape, binaryByteLength(input)]),
    request.outputs.map(({ name }) => name),
    parameters,
  ]);
  const parts = [Buffer.from(head), ...inputs.map(encodeBinary)];
  const size = parts.reduce((sum, part) => sum + part.byteLength, 0);
  if (size <= SMALL) return hash('sha256', Buffer.concat(parts, size), 'base64url');
  const sha256 = createHash('sha256');
  for (const part of parts) sha256.update(part);
  return sha256.digest('base64url');
}

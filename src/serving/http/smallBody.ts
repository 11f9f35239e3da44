/** Reads the small JSON object that a request of the model repository extension may have for a body. */
import type { IncomingMessage } from 'node:http';
import { fail, messageOf, ok, type Result } from '../../base/index.js';
import type { InferenceError } from '../protocol/inference.js';
import { requestEncoding, unpack, UNSUPPORTED_ENCODING } from './compression.js';

/** Room for every parameter that means something here. A client that sends a model's bytes sends more. */
const MAX_BYTES = 65_536;

export type SmallBody = Result<Readonly<Record<string, unknown>>, InferenceError>;

/** An empty body is an empty object, whatever its Content-Type. Undefined when the client went away. */
export async function readSmallBody(request: IncomingMessage): Promise<SmallBody | undefined> {
  const bytes = await readBytes(request);
  if (bytes === undefined || !bytes.ok) return bytes;
  const encoding = requestEncoding(request.headers['content-encoding']);
  if (encoding === undefined) return fail(UNSUPPORTED_ENCODING);
  if (encoding === 'identity') return objectOf(bytes.value);
  const unpacked = await unpack(bytes.value, encoding, MAX_BYTES);
  return unpacked.ok ? objectOf(unpacked.value) : unpacked;
}

async function readBytes(request: IncomingMessage): Promise<Result<Buffer, InferenceError> | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // What still comes of a refused body is read and thrown away, so that the client gets to read its answer.
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length <= MAX_BYTES) chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return length > MAX_BYTES ? fail(TOO_LARGE) : ok(Buffer.concat(chunks));
}

function objectOf(bytes: Buffer): SmallBody {
  if (bytes.length === 0) return ok({});
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return ok(value as Record<string, unknown>);
    return fail({ code: 'InvalidArgument', message: 'the body must be a JSON object, or empty' });
  } catch (error) {
    return fail({ code: 'InvalidArgument', message: `the body is no JSON: ${messageOf(error)}` });
  }
}

const TOO_LARGE: InferenceError = {
  code: 'PayloadTooLarge',
  message: `the body is larger than ${MAX_BYTES} bytes`,
};

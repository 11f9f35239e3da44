/** A request's body to a JSON value, refused in the words of the server's serializers. */
import { parseJson, parseYaml } from '../patch/index.js';
import { decodeProtobuf, UnreadableProtobuf } from '../protobuf/decode.js';
import { badRequest, requestTooLarge, unsupportedMediaType } from '../status.js';
import { ACCEPTED_TYPES } from './mediaType.js';

/** As etcd and the API server have it: 3 MiB. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

const SHOWN_BYTES = 30;

export function checkBodySize(bytes: number): void {
  if (bytes > MAX_BODY_BYTES) throw requestTooLarge(`Request entity too large: limit is ${MAX_BODY_BYTES}`);
}

export type BodyFormat = 'json' | 'yaml' | 'protobuf';

/** Throws 415 for a media type nothing here reads. No type at all is JSON. */
export function bodyFormat(contentType: string): BodyFormat {
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  if (type === '' || type === 'application/json') return 'json';
  if (type === 'application/yaml') return 'yaml';
  if (type === 'application/vnd.kubernetes.protobuf') return 'protobuf';
  throw unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${ACCEPTED_TYPES.join(', ')}`,
  );
}

/** The value and, for JSON, its text (duplicate fields are found in the text). Throws 400. */
export function decodeBody(
  body: Uint8Array,
  format: BodyFormat,
  kind: string,
): { value: unknown; text: string } {
  if (format === 'protobuf') return { value: protobufValue(body, kind), text: '' };
  const text = Buffer.from(body).toString('utf8');
  if (format === 'yaml') return { value: yamlValue(text, kind), text };
  const parsed = parseJson(text);
  if ('error' in parsed) throw unrecognized(kind, parsed.error, shownText(text));
  const { value } = parsed;
  if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
    const found = Array.isArray(value) ? 'array' : typeof value;
    const goType =
      'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
    const error = `json: cannot unmarshal ${found === 'boolean' ? 'bool' : found} into Go value of type ${goType}`;
    throw unrecognized(kind, error, Buffer.from(body).toString('hex'));
  }
  return { value: value ?? {}, text };
}

function protobufValue(body: Uint8Array, kind: string): unknown {
  try {
    return decodeProtobuf(body);
  } catch (error) {
    if (!(error instanceof UnreadableProtobuf)) throw error;
    throw unsupportedMediaType(
      `the object provided is unrecognized (must be of type ${kind}): ${error.message}`,
    );
  }
}

function yamlValue(text: string, kind: string): unknown {
  const parsed = parseYaml(text);
  if ('value' in parsed) return parsed.value ?? {};
  throw badRequest(
    `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${parsed.error}`,
  );
}

function unrecognized(kind: string, error: string, shown: string) {
  return badRequest(
    `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${error} (${shown})`,
  );
}

/** What of the body the message shows: JSON-looking text as it is, anything else in hexadecimal. */
function shownText(text: string): string {
  if (text === '') return '<empty>';
  const bytes = Buffer.from(text);
  const head = bytes.subarray(0, SHOWN_BYTES);
  const shown = text.trimStart().startsWith('{') ? head.toString('utf8') : head.toString('hex');
  return bytes.length > SHOWN_BYTES ? `${shown} ...` : shown;
}

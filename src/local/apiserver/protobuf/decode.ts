/** application/vnd.kubernetes.protobuf to the JSON of the same object. */
import type { JsonObject } from '../json.js';
import { setOwn } from '../json.js';
import { type Definition, definitionName, definitions, shortName } from '../schema/builtin.js';
import { fieldNames, keepsZero } from './messages.js';
import { MalformedProtobuf, readFields, type WireField } from './wire.js';

/** Every body starts with these four bytes; a runtime.Unknown follows. */
const MAGIC = Buffer.from('k8s\0');

/** The server's answer to the client drops the status anyway. */
const STATUS_FIELD = 3;

/** Thrown for what cannot be read without losing something. */
export class UnreadableProtobuf extends Error {}

/** The object inside. Throws UnreadableProtobuf for kinds and fields whose numbers are not known here. */
export function decodeProtobuf(body: Uint8Array): JsonObject {
  if (!MAGIC.equals(body.subarray(0, MAGIC.length))) {
    throw new UnreadableProtobuf(
      'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
    );
  }
  try {
    return decodeUnknown(body.subarray(MAGIC.length));
  } catch (error) {
    if (error instanceof MalformedProtobuf) throw new UnreadableProtobuf(error.message);
    throw error;
  }
}

function decodeUnknown(bytes: Uint8Array): JsonObject {
  const fields = readFields(bytes);
  const typeMeta = readFields(bytesOf(fields, 1));
  const apiVersion = Buffer.from(bytesOf(typeMeta, 1)).toString('utf8');
  const kind = Buffer.from(bytesOf(typeMeta, 2)).toString('utf8');
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const name = definitionName(group ?? '', version ?? '', kind);
  return { apiVersion, kind, ...decodeMessage(bytesOf(fields, 2), name, true) };
}

function bytesOf(fields: readonly WireField[], number: number): Uint8Array {
  const value = fields.find((field) => field.number === number)?.value;
  return value instanceof Uint8Array ? value : new Uint8Array();
}

/** JSON inlines the message an IngressRule embeds. */
function ingressRule(bytes: Uint8Array): JsonObject {
  const fields = readFields(bytes);
  const host = Buffer.from(bytesOf(fields, 1)).toString('utf8');
  const http = bytesOf(readFields(bytesOf(fields, 2)), 1);
  return {
    ...(host === '' ? {} : { host }),
    ...(http.length === 0
      ? {}
      : { http: decodeMessage(http, 'io.k8s.api.networking.v1.HTTPIngressRuleValue') }),
  };
}

function decodeMessage(bytes: Uint8Array, definition: string, root = false): JsonObject {
  const message = shortName(definition);
  if (message === 'IngressRule') return ingressRule(bytes);
  const names = fieldNames(message);
  const properties = definitions[definition]?.properties;
  if (names === undefined || properties === undefined)
    throw new UnreadableProtobuf(`${message} is not read as protobuf`);
  const object: JsonObject = {};
  for (const { number, value } of readFields(bytes)) {
    const name = names.get(number);
    if (root && (name === 'status' || (name === undefined && number === STATUS_FIELD))) continue;
    const node = name === undefined ? undefined : properties[name];
    if (name !== undefined && node !== undefined) addField(object, name, node, value);
    else if (!saysNothing(value))
      throw new UnreadableProtobuf(`field ${number} of ${message} is not read as protobuf`);
  }
  return object;
}

/** Zero, or nothing at all: what Go writes for a field that is not set. */
function saysNothing(value: bigint | Uint8Array): boolean {
  return typeof value === 'bigint' ? value === 0n : value.length === 0;
}

function addField(object: JsonObject, name: string, node: Definition, value: bigint | Uint8Array): void {
  if (node.items !== undefined) {
    const list = (object[name] ?? []) as unknown[];
    object[name] = [...list, decodeValue(node.items, value)];
    return;
  }
  if (node.additionalProperties !== undefined) {
    const entry = readFields(asBytes(value));
    const map = (object[name] ?? {}) as JsonObject;
    const content = entry.find(({ number }) => number === 2)?.value ?? new Uint8Array();
    setOwn(
      map,
      Buffer.from(bytesOf(entry, 1)).toString('utf8'),
      decodeValue(node.additionalProperties, content),
    );
    object[name] = map;
    return;
  }
  const decoded = decodeValue(node, value);
  const empty =
    decoded === '' || decoded === undefined || ((decoded === 0 || decoded === false) && !keepsZero(name));
  if (!empty) object[name] = decoded;
}

function asBytes(value: bigint | Uint8Array): Uint8Array {
  if (typeof value === 'bigint') throw new MalformedProtobuf('proto: wrong wireType = 0');
  return value;
}

function decodeValue(node: Definition, value: bigint | Uint8Array): unknown {
  if (node.$ref !== undefined) return decodeMessage(asBytes(value), node.$ref);
  if (node['x-kubernetes-int-or-string'] === true) return intOrString(readFields(asBytes(value)));
  if (node.type === 'boolean') return value !== 0n;
  if (node.type === 'integer') return Number(value);
  const bytes = asBytes(value);
  switch (node.format) {
    case 'byte':
      return Buffer.from(bytes).toString('base64');
    case 'quantity':
      return Buffer.from(bytesOf(readFields(bytes), 1)).toString('utf8');
    case 'date-time':
      return time(readFields(bytes));
    default:
      return Buffer.from(bytes).toString('utf8');
  }
}

function intOrString(fields: readonly WireField[]): number | string {
  const type = fields.find(({ number }) => number === 1)?.value;
  if (type === 1n) return Buffer.from(bytesOf(fields, 3)).toString('utf8');
  return Number(fields.find(({ number }) => number === 2)?.value ?? 0n);
}

function time(fields: readonly WireField[]): string | undefined {
  const seconds = fields.find(({ number }) => number === 1)?.value;
  if (typeof seconds !== 'bigint') return undefined;
  return new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}

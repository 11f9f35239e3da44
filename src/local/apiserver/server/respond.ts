/** A verb's answer to bytes: the transformation and the format the client asked for. */
import type { Clock } from '../../../base/index.js';
import type { ApiResponse, KubeObject } from '../../../kube/index.js';
import { dump as dumpYaml } from 'js-yaml';
import { apiVersionOf, type KindRow } from '../kinds/kind.js';
import { viewOf } from '../kinds/view.js';
import type { StatusError } from '../status.js';
import {
  columnsOf,
  type ListMeta,
  parseIncludeObject,
  toPartialMetadata,
  toPartialMetadataList,
  toTable,
  wrongPartialMetadata,
} from '../table/index.js';
import type { Answer, Call } from '../verbs/call.js';
import { itemText, objectText } from '../verbs/encode.js';
import { CONTENT_TYPES, type Format, type Negotiated, type Transform } from './mediaType.js';

type ListAnswer = Extract<Answer, { kind: 'list' }>;
type ObjectAnswer = Extract<Answer, { kind: 'object' }>;

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

export function bytesResponse(
  status: number,
  contentType: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): ApiResponse {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return {
    status,
    headers: { ...headers, 'content-type': contentType, 'content-length': String(bytes.length) },
    body: once(bytes),
  };
}

/** 304: what the client has kept is still right, its content type too. */
export function notModified(etag: string): ApiResponse {
  return { status: 304, headers: { etag }, body: once(new Uint8Array()) };
}

export function textResponse(status: number, text: string): ApiResponse {
  return bytesResponse(status, 'text/plain; charset=utf-8', text, { 'x-content-type-options': 'nosniff' });
}

export function jsonResponse(status: number, value: unknown, negotiated?: Negotiated): ApiResponse {
  return formatted(status, JSON.stringify(value), negotiated ?? { format: 'json', pretty: false });
}

function formatted(
  status: number,
  json: string,
  { format, pretty }: { readonly format: Format; readonly pretty: boolean },
  headers: Readonly<Record<string, string>> = {},
): ApiResponse {
  return bytesResponse(status, CONTENT_TYPES[format], render(json, format, pretty), headers);
}

function render(json: string, format: Format, pretty: boolean): string {
  if (format === 'yaml')
    return dumpYaml(JSON.parse(json), {
      sortKeys: true,
      noArrayIndent: true,
      lineWidth: -1,
      quotingType: '"',
    });
  return pretty ? `${JSON.stringify(JSON.parse(json), null, 2)}\n` : `${json}\n`;
}

/** A refusal as the client wants it; Retry-After where the Status says when to come again. */
export function errorResponse(error: StatusError, format: Format = 'json'): ApiResponse {
  const { status } = error;
  const retry = status.details?.retryAfterSeconds;
  const headers = { ...error.headers, ...(retry === undefined ? {} : { 'retry-after': String(retry) }) };
  return formatted(status.code ?? 500, JSON.stringify(status), { format, pretty: false }, headers);
}

/** `299 - "text"` for each warning, quotes escaped. */
export function warningHeader(warnings: readonly string[]): Record<string, string> {
  if (warnings.length === 0) return {};
  const texts = [...new Set(warnings)].map((text) => `299 - "${text.replace(/[\\"]/g, '\\$&')}"`);
  return { warning: texts.join(', ') };
}

export function answerResponse(answer: Answer, call: Call, clock: Clock): ApiResponse {
  const headers = warningHeader(call.warnings);
  switch (answer.kind) {
    case 'raw':
      return {
        status: answer.code,
        headers: { ...headers, 'content-type': answer.contentType },
        body: answer.body,
      };
    case 'watch':
      return {
        status: 200,
        headers: { ...headers, 'content-type': CONTENT_TYPES.json },
        body: answer.frames,
      };
    case 'status':
      return formatted(answer.code, JSON.stringify(answer.status), call.negotiated, headers);
    case 'object':
      return formatted(answer.code, objectJson(answer, call, clock), call.negotiated, headers);
    case 'list':
      return formatted(200, listJson(answer, call, clock), call.negotiated, headers);
  }
}

function goTypeOf(row: KindRow, suffix: string): string {
  if (row.custom !== undefined) return `unstructured.Unstructured${suffix}`;
  const packageName = row.group === '' ? 'core' : (row.group.split('.')[0] ?? '');
  return `${packageName}.${row.kind}${suffix}`;
}

function objectJson({ object, row }: ObjectAnswer, call: Call, clock: Clock): string {
  const transform = call.negotiated.transform;
  if (transform === undefined) return objectText(object, row);
  if (transform.as === 'Table') {
    const { resourceVersion } = object.metadata;
    const listMeta = resourceVersion === undefined ? {} : { resourceVersion };
    return JSON.stringify(table([object], { row, transform, listMeta }, call, clock));
  }
  if (transform.as === 'PartialObjectMetadataList') throw wrongPartialMetadata('list', goTypeOf(row, ''));
  return JSON.stringify(toPartialMetadata(object, transform.version));
}

interface TableOf {
  readonly row: KindRow;
  readonly transform: Transform;
  readonly listMeta: ListMeta;
}

export function table(
  objects: readonly KubeObject[],
  { row, transform, listMeta }: TableOf,
  call: Call,
  clock: Clock,
) {
  const includeObject = parseIncludeObject(call.query.get('includeObject') ?? undefined);
  const views = objects.map((object) => viewOf(object, row));
  const options = { includeObject, now: clock.now(), listMeta, version: transform.version };
  return toTable(views, columnsOf(row), options);
}

function listJson(answer: ListAnswer, call: Call, clock: Clock): string {
  const { row, items, metadata } = answer;
  const transform = call.negotiated.transform;
  if (transform === undefined) {
    const meta = row.custom === undefined ? metadata : { continue: '', ...metadata };
    const head = JSON.stringify({ kind: row.listKind, apiVersion: apiVersionOf(row), metadata: meta });
    return `${head.slice(0, -1)},"items":[${items.map((item) => itemText(item, row)).join(',')}]}`;
  }
  if (transform.as === 'Table') {
    return JSON.stringify(table(items, { row, transform, listMeta: metadata }, call, clock));
  }
  if (transform.as === 'PartialObjectMetadata') throw wrongPartialMetadata('object', goTypeOf(row, 'List'));
  const list = toPartialMetadataList(items, metadata, transform.version);
  // Go's nil slice: a list of nothing but metadata has no empty form.
  return JSON.stringify(items.length === 0 ? { ...list, items: null } : list);
}

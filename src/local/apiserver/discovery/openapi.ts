/** The OpenAPI documents kubectl reads: what a kind's fields are (explain), and how to merge them (apply, diff). */
import type { KindRow } from '../kinds/kind.js';
import type { KindRegistry } from '../kinds/registry.js';
import { hashOf } from './etag.js';
import { pathsOf } from './openapiPaths.js';
import { schemasOf } from './openapiSchemas.js';

const cache = new WeakMap<KindRegistry, { generation: number; documents: Map<string, string> }>();

function rowsOf(kinds: KindRegistry): Map<string, KindRow[]> {
  const groups = new Map<string, KindRow[]>();
  for (const row of kinds.all()) {
    const path = row.group === '' ? `api/${row.version}` : `apis/${row.group}/${row.version}`;
    const rows = groups.get(path) ?? [];
    rows.push(row);
    groups.set(path, rows);
  }
  return groups;
}

/** The document of `api/v1` or `apis/GROUP/VERSION`; undefined when nothing is served there. */
export function openApiV3Document(kinds: KindRegistry, path: string): string | undefined {
  let cached = cache.get(kinds);
  if (cached?.generation !== kinds.generation) {
    cached = { generation: kinds.generation, documents: new Map() };
    cache.set(kinds, cached);
  }
  const known = cached.documents.get(path);
  if (known !== undefined) return known;
  const rows = rowsOf(kinds).get(path);
  if (rows === undefined) return undefined;
  const document = JSON.stringify({
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.35.2' },
    paths: pathsOf(rows),
    components: { schemas: schemasOf(rows) },
  });
  cached.documents.set(path, document);
  return document;
}

/** The list of documents with a hash of each row set, so that clients can cache them for ever. */
export function openApiV3Index(kinds: KindRegistry): string {
  const paths: Record<string, { serverRelativeURL: string }> = {};
  for (const [path, rows] of rowsOf(kinds)) {
    const identity = rows.map(({ kind, custom, schema }) => [kind, custom === undefined ? '' : schema()]);
    const hash = hashOf(JSON.stringify([kindsVersion, identity]));
    paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
  }
  return JSON.stringify({ paths });
}

/** Raised when the documents of built-in kinds change with the program. */
const kindsVersion = 1;

/** A version 2 document with nothing in it: current clients read version 3 and ask for this one only to fall back. */
export function openApiV2(): string {
  return JSON.stringify({
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'v1.35.2' },
    paths: {},
    definitions: {},
  });
}

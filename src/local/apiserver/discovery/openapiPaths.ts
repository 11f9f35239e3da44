/** The paths of an OpenAPI document, as far as clients read them: which operation a kind has and with which parameters. */
import type { KindRow } from '../kinds/kind.js';

const PATCH_TYPES = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

const STRING_PARAMETER = (name: string) => ({
  name,
  in: 'query',
  schema: { type: 'string', uniqueItems: true },
});
/** kubectl looks for `fieldValidation` and `dryRun` here before it trusts the server with either. */
const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation', 'pretty'].map(STRING_PARAMETER);

interface Gvk {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

function operation(action: string, gvk: Gvk, parameters: readonly unknown[], body?: readonly string[]) {
  return {
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
    parameters,
    ...(body === undefined
      ? {}
      : { requestBody: { content: Object.fromEntries(body.map((type) => [type, { schema: {} }])) } }),
    responses: { '200': { description: 'OK' }, '401': { description: 'Unauthorized' } },
  };
}

export function pathsOf(rows: readonly KindRow[]): Record<string, unknown> {
  const paths: Record<string, unknown> = {};
  for (const row of rows) {
    const root = row.group === '' ? `/api/${row.version}` : `/apis/${row.group}/${row.version}`;
    const collection = `${root}${row.namespaced ? '/namespaces/{namespace}' : ''}/${row.plural}`;
    const gvk = { group: row.group, version: row.version, kind: row.kind };
    paths[collection] = collectionPath(row, gvk);
    if (!row.verbs.includes('get')) continue;
    paths[`${collection}/{name}`] = objectPath(row, gvk);
    if (row.status) paths[`${collection}/{name}/status`] = objectPath(row, gvk);
  }
  return paths;
}

function collectionPath(row: KindRow, gvk: Gvk): unknown {
  return {
    ...(row.verbs.includes('list') ? { get: operation('list', gvk, []) } : {}),
    post: operation('post', gvk, WRITE_PARAMETERS, ['*/*']),
  };
}

function objectPath(row: KindRow, gvk: Gvk): unknown {
  const types = row.custom === undefined ? PATCH_TYPES : PATCH_TYPES.slice(0, 3);
  return {
    get: operation('get', gvk, []),
    put: operation('put', gvk, WRITE_PARAMETERS, ['*/*']),
    patch: operation('patch', gvk, [...WRITE_PARAMETERS, STRING_PARAMETER('force')], types),
    delete: operation('delete', gvk, WRITE_PARAMETERS, ['*/*']),
  };
}

/** What a request's path says, before anybody knows whether it is served. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  /** '' for cluster-scoped resources and lists over all namespaces. */
  readonly namespace: string;
  readonly plural: string;
  /** '' for collections. */
  readonly name: string;
  /** '' for the object itself. */
  readonly subresource: string;
  /** The old `/watch/` form of a watch. */
  readonly watchPath: boolean;
}

/** undefined: the path is not well formed (`%zz`) or names no resource. */
export function parseResourcePath(pathname: string): ResourcePath | undefined {
  const parts = decodeParts(pathname);
  if (parts === undefined) return undefined;
  const core = parts[0] === 'api';
  if (!core && parts[0] !== 'apis') return undefined;
  const group = core ? '' : (parts[1] ?? '');
  const version = parts[core ? 1 : 2];
  let rest = parts.slice(core ? 2 : 3);
  if (version === undefined || rest.length === 0) return undefined;
  const watchPath = rest[0] === 'watch';
  if (watchPath) rest = rest.slice(1);
  const namespaced = rest[0] === 'namespaces' && rest.length > 2 && !isNamespaceSubresource(rest);
  const namespace = namespaced ? (rest[1] ?? '') : '';
  const [plural, name = '', ...sub] = namespaced ? rest.slice(2) : rest;
  if (plural === undefined) return undefined;
  return { group, version, namespace, plural, name, subresource: sub.join('/'), watchPath };
}

function isNamespaceSubresource(rest: readonly string[]): boolean {
  return rest.length === 3 && (rest[2] === 'status' || rest[2] === 'finalize');
}

function decodeParts(pathname: string): string[] | undefined {
  try {
    return pathname.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** The routes of one version of a model: those of the model, with the version in the path. */
export interface PathItem {
  readonly parameters?: readonly unknown[];
  readonly get?: Operation;
  readonly post?: Operation;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly requestBody?: unknown;
  readonly [member: string]: unknown;
}

export type Paths = Readonly<Record<string, PathItem>>;

const MODEL = '/v2/models/{model}';
const VERSION = { $ref: '#/components/parameters/Version' };

export function withVersionRoutes(paths: Paths): Paths {
  return Object.fromEntries(
    Object.entries(paths).flatMap(([path, item]) => {
      if (!path.startsWith(MODEL)) return [[path, item]];
      return [
        [path, item],
        [`${MODEL}/versions/{version}${path.slice(MODEL.length)}`, versionItem(item)],
      ];
    }),
  );
}

function versionItem(item: PathItem): PathItem {
  const parameters = [...(item.parameters ?? []), VERSION];
  return {
    parameters,
    ...(item.get !== undefined && { get: versionOperation(item.get) }),
    ...(item.post !== undefined && { post: versionOperation(item.post) }),
  };
}

function versionOperation(operation: Operation): Operation {
  return {
    ...operation,
    operationId: `${operation.operationId}Version`,
    summary: `${operation.summary} (one version)`,
  };
}

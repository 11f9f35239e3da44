/** The routes of one version of a model: those of the model, with the version in the path. */
export interface PathItem {
  readonly parameters?: readonly unknown[];
  readonly get?: Operation;
  readonly post?: Operation;
  readonly delete?: Operation;
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
  return { ...withOperations(item, versionOperation), parameters: [...(item.parameters ?? []), VERSION] };
}

const METHODS = ['get', 'post', 'delete'] as const;

/** `item` with each of its operations changed. */
export function withOperations(item: PathItem, change: (operation: Operation) => Operation): PathItem {
  const changed = METHODS.flatMap((method) => {
    const operation = item[method];
    return operation === undefined ? [] : [[method, change(operation)] as const];
  });
  return { ...item, ...Object.fromEntries(changed) };
}

function versionOperation(operation: Operation): Operation {
  return {
    ...operation,
    operationId: `${operation.operationId}Version`,
    summary: `${operation.summary} (one version)`,
  };
}

/**
 * What clients ask before they ask for a prediction, on the same connection: whether the server and the model are ready, and what the
 * model takes. Answered without Koa, so that the connection stays a direct one.
 */
import type { ModelCatalogue, ModelSource } from '../dataplane/index.js';
import { liveAnswer, modelMetadata, readyAnswer, readyModelAnswer, withModel } from './modelRoutes.js';
import type { Answer } from './reply.js';

export interface PlainRoute {
  /** Which the client must be allowed to use; undefined for the server's own. */
  readonly model: string | undefined;
  readonly answer: () => Answer;
}

/** GET by path. */
export function plainRoutes(
  models: readonly ModelSource[],
  catalogue: ModelCatalogue,
  notReady: () => readonly string[],
): ReadonlyMap<string, PlainRoute> {
  const routes = new Map<string, PlainRoute>([
    ['/v2/health/live', { model: undefined, answer: liveAnswer }],
    ['/v2/health/ready', { model: undefined, answer: () => readyAnswer(notReady()) }],
  ]);
  const add = (path: string, name: string, version: string | undefined) => {
    const told = (tell: Parameters<typeof withModel>[3]) => () => withModel(catalogue, name, version, tell);
    routes.set(path, { model: name, answer: told((model) => modelMetadata(catalogue, model)) });
    routes.set(`${path}/ready`, { model: name, answer: told(readyModelAnswer) });
  };
  for (const { name, version } of models) {
    const path = `/v2/models/${encodeURIComponent(name)}`;
    add(path, name, undefined);
    add(`${path}/versions/${encodeURIComponent(version)}`, name, version);
  }
  return routes;
}

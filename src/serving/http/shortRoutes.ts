/** The paths that are answered without Koa, of what is served now. */
import type { ModelCatalogue, ModelSource } from '../dataplane/index.js';
import { type PlainRoute, plainRoutes } from './plainRoutes.js';
import type { PredictionTarget } from './predictionEndpoint.js';
import type { PredictionCodec } from './predictionCodec.js';
import { v1Codec } from './v1Codec.js';
import { v2Codec } from './v2Codec.js';

export interface TypedRoute {
  readonly codec: PredictionCodec;
  /** The model of `POST /predict`; undefined where there is none. */
  readonly model: { readonly name: string; readonly version: string } | undefined;
}

export class ShortRoutes {
  readonly #typed: TypedRoute;
  /** POST of predictions, by path. */
  readonly hot = new Map<string, PredictionTarget>();
  /** GET, by path. */
  readonly plain = new Map<string, PlainRoute>();

  constructor(typed: TypedRoute) {
    this.#typed = typed;
  }

  /** Koa's router knows all of them too, and finds what there is no short way to. */
  choose(models: readonly ModelSource[], catalogue: ModelCatalogue, notReady: () => readonly string[]): void {
    refill(this.hot, hotRoutes(models, this.#typed));
    refill(this.plain, plainRoutes(models, catalogue, notReady));
  }
}

function hotRoutes(models: readonly ModelSource[], typed: TypedRoute): ReadonlyMap<string, PredictionTarget> {
  const routes = new Map<string, PredictionTarget>();
  for (const { name, version } of models) {
    const path = `/v2/models/${encodeURIComponent(name)}`;
    routes.set(`${path}/infer`, { codec: v2Codec, model: name, version: undefined });
    routes.set(`${path}/versions/${encodeURIComponent(version)}/infer`, {
      codec: v2Codec,
      model: name,
      version,
    });
    const v1 = `/v1/models/${encodeURIComponent(name)}:predict`;
    routes.set(v1, { codec: v1Codec, model: name, version: undefined });
  }
  if (typed.model !== undefined) {
    const { name, version } = typed.model;
    routes.set('/predict', { codec: typed.codec, model: name, version });
  }
  return routes;
}

function refill<T>(map: Map<string, T>, entries: ReadonlyMap<string, T>): void {
  map.clear();
  for (const [key, value] of entries) map.set(key, value);
}

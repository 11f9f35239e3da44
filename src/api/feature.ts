/** One typed feature of the /predict endpoint (`spec.input.features[]`). */
export interface FeatureSpec {
  /** The JSON property clients send. */
  readonly name: string;
  readonly type: 'number' | 'integer' | 'boolean' | 'string';
  readonly description?: string;
  /** Unit of measure shown in the docs, such as `USD` or `1/day`. */
  readonly unit?: string;
  /** Inclusive bounds. */
  readonly minimum?: number;
  readonly maximum?: number;
  /** The values allowed, when there are few. */
  readonly enum?: readonly (string | number | boolean)[];
  readonly example?: string | number | boolean;
  /** Used when a request leaves the feature out; a feature without a default is required. */
  readonly default?: string | number | boolean;
}

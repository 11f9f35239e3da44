/**
 * The subset of apiextensions/v1 JSONSchemaProps a ModelDeployment is written in. The schemas are constants
 * (`as const satisfies Schema`), so that the TypeScript types below are read off the same text as the CRD.
 */
export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly description?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  /** Never below an array: the API server would fill in what a GitOps tool then reports as drift. */
  readonly default?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly anyOf?: readonly { readonly type: 'integer' | 'string' }[];
  readonly 'x-kubernetes-int-or-string'?: true;
  readonly 'x-kubernetes-preserve-unknown-fields'?: true;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic';
  readonly 'x-kubernetes-validations'?: readonly {
    readonly rule: string;
    readonly message: string;
    readonly fieldPath?: string;
  }[];
}

/** A JSON value that is neither a list nor an object: what a schema without a type stands for here. */
export type Scalar = string | number | boolean;

/** The type of a value the API server has accepted, its defaults filled in. */
export type Infer<S> = S extends { readonly enum: readonly (infer E)[] }
  ? E
  : S extends { readonly 'x-kubernetes-int-or-string': true }
    ? number | string
    : S extends { readonly type: 'string' }
      ? string
      : S extends { readonly type: 'integer' | 'number' }
        ? number
        : S extends { readonly type: 'boolean' }
          ? boolean
          : S extends { readonly type: 'array'; readonly items: infer I }
            ? readonly Infer<I>[]
            : S extends { readonly type: 'object' }
              ? InferObject<S>
              : Scalar;

type InferObject<S> = S extends { readonly properties: infer P }
  ? { readonly [K in PresentKeys<S, P>]: Infer<P[K]> } & {
      readonly [K in Exclude<keyof P, PresentKeys<S, P>>]?: Infer<P[K]>;
    }
  : S extends { readonly additionalProperties: infer A }
    ? Readonly<Record<string, Infer<A>>>
    : Readonly<Record<string, unknown>>;

/** Keys that are required, or that have a default. */
type PresentKeys<S, P> =
  | (S extends { readonly required: readonly (infer R)[] } ? Extract<R, keyof P> : never)
  | { [K in keyof P]: P[K] extends { readonly default: unknown } ? K : never }[keyof P];

/** A quantity such as `500m` or `8Gi`, not negative; a bare integer is one too. */
export const quantitySchema = {
  'x-kubernetes-int-or-string': true,
  anyOf: [{ type: 'integer' }, { type: 'string' }],
  pattern: '^([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$',
  minimum: 0,
  maxLength: 32,
} as const satisfies Schema;

import type { Infer, Schema } from './schema/schema.js';

export const featureSchema = {
  type: 'object',
  description: 'One typed feature of the predict endpoint.',
  required: ['name', 'type'],
  properties: {
    name: {
      type: 'string',
      description: 'The JSON property clients send.',
      pattern: '^[A-Za-z_][A-Za-z0-9_.-]*$',
      maxLength: 128,
    },
    type: {
      type: 'string',
      description: 'Type of the JSON value.',
      enum: ['number', 'integer', 'boolean', 'string'],
    },
    description: { type: 'string', description: 'Sentence for the API docs.', maxLength: 1024 },
    unit: {
      type: 'string',
      description: 'Unit of measure for the API docs, such as USD or 1/day.',
      maxLength: 64,
    },
    minimum: { type: 'number', description: 'Smallest value allowed; number and integer only.' },
    maximum: { type: 'number', description: 'Largest value allowed; number and integer only.' },
    enum: {
      type: 'array',
      description: 'The values allowed, each of the type of the feature.',
      minItems: 1,
      maxItems: 256,
      'x-kubernetes-list-type': 'atomic',
      items: { 'x-kubernetes-preserve-unknown-fields': true },
    },
    example: {
      description: 'Value for the API docs, of the type of the feature.',
      'x-kubernetes-preserve-unknown-fields': true,
    },
    default: {
      description: 'Value used when a request leaves the feature out; a feature without one is required.',
      'x-kubernetes-preserve-unknown-fields': true,
    },
  },
} as const satisfies Schema;

/** One typed feature of the /predict endpoint (`spec.input.features[]`). */
export type FeatureSpec = Infer<typeof featureSchema>;

export const inputSchema = {
  type: 'object',
  description: "The model's input as clients see it: gives the typed predict endpoint and its docs.",
  properties: {
    features: {
      type: 'array',
      description: "The features, in the order of the model's input.",
      maxItems: 512,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: featureSchema,
    },
  },
} as const satisfies Schema;

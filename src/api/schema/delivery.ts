import type { Schema } from './schema.js';

export const rolloutSchema = {
  type: 'object',
  description: 'How a change reaches the pods.',
  default: {},
  properties: {
    strategy: {
      type: 'string',
      description: 'Rolling: new pods are added and ready before old ones go.',
      enum: ['Rolling'],
      default: 'Rolling',
    },
    progressDeadlineSeconds: {
      type: 'integer',
      format: 'int32',
      description:
        'Seconds without progress after which the rollout counts as failed. The old pods keep serving.',
      minimum: 10,
      maximum: 86400,
      default: 600,
    },
  },
} as const satisfies Schema;

export const monitoringSchema = {
  type: 'object',
  description: 'How the pods are observed.',
  default: {},
  properties: {
    scrape: {
      type: 'boolean',
      description: 'Put the prometheus.io/scrape, port and path annotations on the pods.',
      default: true,
    },
    exemplars: {
      type: 'boolean',
      description: 'Whether metrics lead to traces; their page is then in the format of OpenMetrics.',
      default: false,
    },
    accessLog: {
      type: 'object',
      description: 'Which requests have a line in the log. Errors always have one.',
      properties: {
        sample: {
          type: 'number',
          description: 'Share of the unremarkable requests; all of them when not given.',
          minimum: 0,
          maximum: 1,
        },
        slowMs: {
          type: 'integer',
          format: 'int32',
          description: 'Milliseconds from which a request is logged whatever the share; 1000 when not given.',
          minimum: 1,
          maximum: 3600000,
        },
      },
    },
    tracing: {
      type: 'object',
      description: 'Traces of the requests, sent to a collector of OpenTelemetry; none when not given.',
      required: ['endpoint'],
      properties: {
        endpoint: {
          type: 'string',
          description:
            'Where the collector takes OTLP over HTTP, such as http://collector.observability:4318.',
          pattern: '^https?://[^/]',
          maxLength: 2048,
        },
        sample: {
          type: 'number',
          description:
            'Share of the traces that begin here; a caller that has a trace decides about its own. All of them when not given.',
          minimum: 0,
          maximum: 1,
        },
      },
    },
  },
} as const satisfies Schema;

/** A field of the design whose meaning no part acts on yet: present so that it is refused, never dropped. */
export const sloSchema = {
  type: 'object',
  description: 'Reserved for service level objectives; refused by this version.',
  'x-kubernetes-preserve-unknown-fields': true,
} as const satisfies Schema;

export const authSchema = {
  type: 'object',
  description: 'Who may ask the pods; everybody who reaches them when not given.',
  required: ['tokens'],
  properties: {
    tokens: {
      type: 'object',
      description: 'Bearer tokens. With them the pods answer nobody else, except about health and metrics.',
      required: ['secretRef'],
      properties: {
        secretRef: {
          type: 'object',
          description:
            'A Secret in the same namespace: each key is a client, its value the token or what docs/security.md describes. A change takes effect without a restart.',
          required: ['name'],
          properties: {
            name: { type: 'string', description: 'Name of the Secret.', minLength: 1, maxLength: 253 },
          },
        },
      },
    },
  },
} as const satisfies Schema;

import { quantitySchema, type Schema } from './schema.js';

export const servingSchema = {
  type: 'object',
  description: 'How a pod serves.',
  default: {},
  properties: {
    batching: {
      type: 'object',
      description: 'Requests that wait at the same moment are run as one batch; nothing waits for company.',
      default: {},
      properties: {
        enabled: { type: 'boolean', description: 'Whether requests may share a run.', default: true },
        maxRows: {
          type: 'integer',
          format: 'int32',
          description: 'Most rows in a run.',
          minimum: 1,
          maximum: 65536,
          default: 256,
        },
      },
    },
    queue: {
      type: 'object',
      description: 'Requests waiting for a run.',
      default: {},
      properties: {
        maxRequests: {
          type: 'integer',
          format: 'int32',
          description: 'Most requests waiting; one more is answered with 503 and Retry-After.',
          minimum: 1,
          maximum: 1000000,
          default: 1024,
        },
      },
    },
    timeoutMs: {
      type: 'integer',
      format: 'int32',
      description: 'Milliseconds a request may take, queue included, before it is answered with 504.',
      minimum: 1,
      maximum: 600000,
      default: 10000,
    },
    warmup: {
      type: 'object',
      description: 'Runs before a pod turns ready.',
      default: {},
      properties: {
        runs: {
          type: 'integer',
          format: 'int32',
          description: 'Number of warm-up runs.',
          minimum: 0,
          maximum: 1000,
          default: 3,
        },
      },
    },
    threads: {
      'x-kubernetes-int-or-string': true,
      anyOf: [{ type: 'integer' }, { type: 'string' }],
      description: '"auto", or the number of threads that run the model.',
      pattern: '^auto$',
      minimum: 1,
      maximum: 256,
      default: 'auto',
    },
    maxBodyBytes: {
      ...quantitySchema,
      description: 'Largest request body, such as 32Mi.',
      default: '32Mi',
    },
    tls: {
      type: 'object',
      description:
        'TLS on the ports of the clients, HTTP and gRPC; without it they are plain. Health and metrics stay plain on a port of their own.',
      required: ['secretRef'],
      properties: {
        secretRef: {
          type: 'object',
          description:
            'A Secret in the same namespace with the certificate and its chain in tls.crt and the key in tls.key. A change takes effect without a restart.',
          required: ['name'],
          properties: {
            name: { type: 'string', description: 'Name of the Secret.', minLength: 1, maxLength: 253 },
          },
        },
        clientCertificates: {
          type: 'boolean',
          description:
            'Whether clients are asked for a certificate of the authority in ca.crt of the same Secret (mTLS).',
          default: false,
        },
      },
    },
  },
} as const satisfies Schema;

export const cacheSchema = {
  type: 'object',
  description: 'The prediction cache: in each pod, and in Redis where it is given.',
  default: {},
  properties: {
    enabled: { type: 'boolean', description: 'Whether answers are cached.', default: true },
    ttlSeconds: {
      type: 'integer',
      format: 'int32',
      description: 'Seconds an answer stays valid.',
      minimum: 1,
      maximum: 31536000,
      default: 300,
    },
    maxBytes: {
      ...quantitySchema,
      description: 'Bound of the cache in a pod, such as 64Mi.',
      default: '64Mi',
    },
    redis: {
      type: 'object',
      description:
        'The Redis the pods share: exactly one of the fields. Predictions do not depend on it being there.',
      properties: {
        managed: {
          type: 'boolean',
          description:
            "Use the Redis that came with the operator. Where there is none, the cache is the pods' own.",
        },
        secretRef: {
          type: 'object',
          description:
            'A Secret in the same namespace that holds the URL: one server, Sentinels or a Cluster, with TLS or without (docs/cache.md).',
          required: ['name'],
          properties: {
            name: { type: 'string', description: 'Name of the Secret.', minLength: 1, maxLength: 253 },
            key: {
              type: 'string',
              description: 'Key in the Secret.',
              minLength: 1,
              maxLength: 253,
              default: 'url',
            },
          },
        },
      },
    },
  },
} as const satisfies Schema;

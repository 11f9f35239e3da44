import type { Schema } from './schema.js';

const version = {
  type: 'string',
  description:
    'Version of the model: the name of its folder in the registry. Letters, digits, dots, dashes and underscores.',
  pattern: '^([A-Za-z0-9]([-_]*|[.]))*[A-Za-z0-9]$',
  maxLength: 63,
} as const satisfies Schema;

const digest = {
  type: 'string',
  description:
    'SHA-256 of the ONNX file: "sha256:" and 64 lower-case hexadecimal digits. `gantry model show NAME` prints it.',
  pattern: '^sha256:[0-9a-f]{64}$',
  maxLength: 71,
} as const satisfies Schema;

/** All that a promotion edits, in one block. */
export const modelSchema = {
  type: 'object',
  description: 'The model to serve. Everything a promotion or a rollback edits is in this block.',
  required: ['name', 'version', 'digest'],
  properties: {
    name: {
      type: 'string',
      description: 'Name of the model in the registry, in lower case. Cannot be changed later.',
      pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
      maxLength: 63,
    },
    version,
    digest: {
      ...digest,
      description: `${digest.description} A pod whose file differs does not turn ready.`,
    },
    previous: {
      type: 'object',
      description: 'The version served before this one: what a rollback goes back to.',
      required: ['version', 'digest'],
      properties: { version, digest },
    },
  },
} as const satisfies Schema;

/** Where the model files are. */
export const sourceSchema = {
  type: 'object',
  description:
    'Where the model files are: exactly one of the fields. Without it they are in the image of the pods.',
  default: { image: {} },
  properties: {
    image: {
      type: 'object',
      description: 'The models are in the image, under /app/models.',
      properties: {
        reference: {
          type: 'string',
          description:
            "Image of the pods, such as registry.example/team/models:7. The operator's own when not given.",
          minLength: 1,
          maxLength: 512,
        },
        pullPolicy: {
          type: 'string',
          description: "When the kubelet pulls the image. Kubernetes' own rule when not given.",
          enum: ['Always', 'IfNotPresent', 'Never'],
        },
        pullSecrets: {
          type: 'array',
          description:
            'Names of Secrets (kubernetes.io/dockerconfigjson) in the same namespace to pull the image with.',
          maxItems: 8,
          'x-kubernetes-list-type': 'set',
          items: { type: 'string', minLength: 1, maxLength: 253 },
        },
      },
    },
    pvc: {
      type: 'object',
      description: 'The models are on a PersistentVolumeClaim, mounted read-only under /app/models.',
      required: ['claimName'],
      properties: {
        claimName: {
          type: 'string',
          description: 'Name of the claim, in the same namespace.',
          minLength: 1,
          maxLength: 253,
        },
        subPath: {
          type: 'string',
          description: 'Folder of the volume that holds the registry; the whole volume when not given.',
          minLength: 1,
          maxLength: 1024,
        },
      },
    },
    http: {
      type: 'object',
      description: 'Reserved for models fetched over HTTP; refused by this version.',
      'x-kubernetes-preserve-unknown-fields': true,
    },
    s3: {
      type: 'object',
      description: 'Reserved for models fetched from S3; refused by this version.',
      'x-kubernetes-preserve-unknown-fields': true,
    },
  },
} as const satisfies Schema;

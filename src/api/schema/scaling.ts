import { quantitySchema, type Schema } from './schema.js';

export const replicasSchema = {
  type: 'integer',
  format: 'int32',
  description: 'Number of pods, 1 when not given. `kubectl scale` sets it. Not together with autoscaling.',
  minimum: 0,
  maximum: 1000,
} as const satisfies Schema;

export const autoscalingSchema = {
  type: 'object',
  description: 'A HorizontalPodAutoscaler sets the number of pods instead of replicas.',
  required: ['maxReplicas'],
  properties: {
    minReplicas: {
      type: 'integer',
      format: 'int32',
      description: 'Fewest pods.',
      minimum: 1,
      maximum: 1000,
      default: 1,
    },
    maxReplicas: { type: 'integer', format: 'int32', description: 'Most pods.', minimum: 1, maximum: 1000 },
    metrics: {
      type: 'object',
      description:
        'What is measured, as a share of what the pods request. Pods are added when any target is exceeded.',
      default: { cpuPercent: 70 },
      properties: {
        cpuPercent: {
          type: 'integer',
          format: 'int32',
          description: 'Average CPU in percent of the request.',
          minimum: 1,
          maximum: 1000,
        },
        memoryPercent: {
          type: 'integer',
          format: 'int32',
          description: 'Average memory in percent of the request.',
          minimum: 1,
          maximum: 1000,
        },
      },
    },
  },
} as const satisfies Schema;

export const resourcesSchema = {
  type: 'object',
  description:
    'CPU and memory of a pod. A request that is not given is the smaller of its default and the limit.',
  properties: {
    requests: {
      type: 'object',
      description: 'What the scheduler sets aside: 2 CPU and 4Gi when not given.',
      maxProperties: 8,
      additionalProperties: quantitySchema,
    },
    limits: {
      type: 'object',
      description: 'What the pod cannot exceed: 4 CPU and 8Gi when not given.',
      maxProperties: 8,
      additionalProperties: quantitySchema,
    },
  },
} as const satisfies Schema;

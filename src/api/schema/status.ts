import type { Schema } from './schema.js';

/** Entries kept in `status.history`, newest first. */
export const HISTORY_LIMIT = 10;

const count = (description: string) =>
  ({ type: 'integer', format: 'int32', description, minimum: 0 }) as const satisfies Schema;

const conditionSchema = {
  type: 'object',
  description: 'One aspect of the state (meta/v1 Condition).',
  required: ['type', 'status', 'reason', 'message', 'lastTransitionTime'],
  properties: {
    type: {
      type: 'string',
      description: 'Ready, Reconciling, Stalled, Available or ModelVerified.',
      maxLength: 316,
    },
    status: { type: 'string', description: 'True, False or Unknown.', enum: ['True', 'False', 'Unknown'] },
    reason: {
      type: 'string',
      description: 'One word for programs; docs/reference.md lists them.',
      maxLength: 1024,
    },
    message: { type: 'string', description: 'A sentence for people, with what to do.', maxLength: 32768 },
    lastTransitionTime: { type: 'string', format: 'date-time', description: 'When the status last changed.' },
    observedGeneration: {
      type: 'integer',
      format: 'int64',
      description: 'The metadata.generation this condition was set for.',
      minimum: 0,
    },
  },
} as const satisfies Schema;

export const statusSchema = {
  type: 'object',
  description: 'What is observed. Written by the operator alone.',
  default: { observedGeneration: -1 },
  properties: {
    observedGeneration: {
      type: 'integer',
      format: 'int64',
      description: 'The metadata.generation this status is about; -1 until the operator has seen the object.',
    },
    phase: {
      type: 'string',
      description: 'Summary for people; programs read the conditions.',
      enum: ['Pending', 'Progressing', 'Ready', 'Degraded', 'Failed', 'Stopped'],
    },
    ready: { type: 'string', description: 'Ready pods of wanted pods, such as 2/2.' },
    replicas: count('Pods there are.'),
    updatedReplicas: count('Pods of the declared version and configuration.'),
    readyReplicas: count('Pods that answer.'),
    selector: { type: 'string', description: 'Label selector of the pods, for the scale subresource.' },
    model: {
      type: 'object',
      description: 'The model that every pod of the last finished rollout serves.',
      required: ['version', 'digest'],
      properties: {
        version: { type: 'string', description: 'Its version.' },
        digest: { type: 'string', description: 'Its digest, verified by the pods.' },
      },
    },
    url: { type: 'string', description: 'Where clients reach the model.' },
    cache: {
      type: 'string',
      description: "The cache in use: the pods' own memory, Redis behind it, or none.",
      enum: ['Off', 'Memory', 'Redis'],
    },
    conditions: {
      type: 'array',
      description: 'Conditions by type.',
      maxItems: 16,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
      items: conditionSchema,
    },
    history: {
      type: 'array',
      description: 'Rollouts that ended, newest first.',
      maxItems: HISTORY_LIMIT,
      'x-kubernetes-list-type': 'atomic',
      items: {
        type: 'object',
        description: 'One rollout.',
        required: ['version', 'digest', 'generation', 'outcome', 'time'],
        properties: {
          version: { type: 'string', description: 'Version rolled out.' },
          digest: { type: 'string', description: 'Its digest.' },
          generation: {
            type: 'integer',
            format: 'int64',
            description: 'The metadata.generation that asked for it.',
          },
          outcome: { type: 'string', description: 'How it ended.', enum: ['Succeeded', 'Failed'] },
          reason: { type: 'string', description: 'Reason of a failure.' },
          time: { type: 'string', format: 'date-time', description: 'When it ended.' },
        },
      },
    },
  },
} as const satisfies Schema;

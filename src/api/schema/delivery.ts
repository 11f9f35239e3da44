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
  },
} as const satisfies Schema;

/** Fields of the design whose meaning no part acts on yet: present so that they are refused, never dropped. */
export const sloSchema = {
  type: 'object',
  description: 'Reserved for service level objectives; refused by this version.',
  'x-kubernetes-preserve-unknown-fields': true,
} as const satisfies Schema;

export const authSchema = {
  type: 'object',
  description: 'Reserved for bearer tokens; refused by this version.',
  'x-kubernetes-preserve-unknown-fields': true,
} as const satisfies Schema;

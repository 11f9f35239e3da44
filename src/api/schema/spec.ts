import { inputSchema } from '../feature.js';
import { authSchema, monitoringSchema, rolloutSchema, sloSchema } from './delivery.js';
import { modelSchema, sourceSchema } from './model.js';
import { autoscalingSchema, replicasSchema, resourcesSchema } from './scaling.js';
import type { Schema } from './schema.js';
import { cacheSchema, servingSchema } from './serving.js';

export const specSchema = {
  type: 'object',
  description: 'What is wanted.',
  required: ['model'],
  properties: {
    model: modelSchema,
    source: sourceSchema,
    replicas: replicasSchema,
    autoscaling: autoscalingSchema,
    resources: resourcesSchema,
    serving: servingSchema,
    cache: cacheSchema,
    input: inputSchema,
    rollout: rolloutSchema,
    slo: sloSchema,
    auth: authSchema,
    monitoring: monitoringSchema,
  },
} as const satisfies Schema;

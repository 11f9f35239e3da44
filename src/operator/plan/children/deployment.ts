import { DEFAULT_REPLICAS } from '../../../api/index.js';
import { resourceTypes } from '../../../kube/index.js';
import type { OperatorConfig } from '../../config.js';
import { type Child, makeChild, selectorLabels, type Subject } from './child.js';
import { podTemplate } from './podTemplate.js';

/** Old ReplicaSets kept for `kubectl rollout history`. */
const REVISION_HISTORY_LIMIT = 3;

/** The stable pods. Without `replicas` under autoscaling: that field is the HorizontalPodAutoscaler's then. */
export function deployment(subject: Subject, config: OperatorConfig): Child {
  const { spec } = subject.declared;
  const replicas = spec.autoscaling === undefined ? { replicas: wantedReplicas(subject) } : {};
  return makeChild(subject, resourceTypes.deployments, {
    spec: {
      ...replicas,
      revisionHistoryLimit: REVISION_HISTORY_LIMIT,
      progressDeadlineSeconds: spec.rollout.progressDeadlineSeconds,
      selector: { matchLabels: selectorLabels(subject.name) },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: podTemplate(subject, config),
    },
  });
}

export function wantedReplicas(subject: Subject): number {
  return subject.declared.spec.replicas ?? DEFAULT_REPLICAS;
}

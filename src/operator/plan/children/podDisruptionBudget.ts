import { resourceTypes } from '../../../kube/index.js';
import { type Child, makeChild, selectorLabels, type Subject } from './child.js';

/** Drains take one pod at a time; pods that are not ready anyway do not hold up a drain. */
export function podDisruptionBudget(subject: Subject): Child {
  return makeChild(subject, resourceTypes.podDisruptionBudgets, {
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: selectorLabels(subject.name) },
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  });
}

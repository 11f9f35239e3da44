import { PORTS } from '../../../api/index.js';
import { resourceTypes } from '../../../kube/index.js';
import { type Child, makeChild, selectorLabels, type Subject } from './child.js';

export function service(subject: Subject): Child {
  return makeChild(subject, resourceTypes.services, {
    spec: {
      type: 'ClusterIP',
      selector: selectorLabels(subject.name),
      ports: Object.entries(PORTS).map(([name, port]) => ({ name, port, protocol: 'TCP', targetPort: name })),
    },
  });
}

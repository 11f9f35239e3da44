import { PORTS } from '../../../api/index.js';
import { resourceTypes } from '../../../kube/index.js';
import { type Child, makeChild, selectorLabels, type Subject } from './child.js';

/** What a mesh or an ingress is to speak to a port; a guess from the port's name would be wrong with TLS. */
function appProtocol({ declared }: Subject, port: string) {
  return declared.spec.serving.tls === undefined || port === 'metrics' ? {} : { appProtocol: 'https' };
}

export function service(subject: Subject): Child {
  return makeChild(subject, resourceTypes.services, {
    spec: {
      type: 'ClusterIP',
      selector: selectorLabels(subject.name),
      ports: Object.entries(PORTS).map(([name, port]) => ({
        name,
        port,
        protocol: 'TCP',
        targetPort: name,
        ...appProtocol(subject, name),
      })),
    },
  });
}

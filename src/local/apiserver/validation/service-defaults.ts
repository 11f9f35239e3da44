/** Defaults of Services. Source: k8s.io/kubernetes/pkg/apis/core/v1/defaults.go and registry/core/service (allocation aside). */
import type { KubeObject } from '../../../kube/index.js';
import { isObject, objectAt } from '../json.js';

const CLIENT_IP_TIMEOUT = { clientIP: { timeoutSeconds: 10_800 } };

/** Changes the object in place. Cluster addresses are given by the server when the object is created. */
export function defaultService(service: KubeObject): void {
  const spec = objectAt(service, 'spec');
  if (spec === undefined) return;
  const type = spec['type'];
  const clusterIP = spec['clusterIP'];
  if (typeof clusterIP === 'string' && clusterIP !== '') spec['clusterIPs'] ??= [clusterIP];
  if (Array.isArray(spec['ports'])) {
    for (const port of spec['ports'].filter(isObject)) {
      const target = port['targetPort'];
      if (target === undefined || target === 0 || target === '') port['targetPort'] = port['port'];
    }
  }
  if (spec['sessionAffinity'] === 'ClientIP')
    spec['sessionAffinityConfig'] ??= structuredClone(CLIENT_IP_TIMEOUT);
  if (spec['sessionAffinity'] === 'None') delete spec['sessionAffinityConfig'];
  if (type === 'NodePort' || type === 'LoadBalancer') spec['externalTrafficPolicy'] ??= 'Cluster';
  if (type === 'LoadBalancer') spec['allocateLoadBalancerNodePorts'] ??= true;
  if (type === 'ExternalName') return;
  spec['internalTrafficPolicy'] ??= 'Cluster';
  spec['ipFamilies'] ??= ['IPv4'];
  spec['ipFamilyPolicy'] ??= 'SingleStack';
}

import type { KubeObject } from '../../../../src/kube/index.js';
import { defaultBuiltin, validateBuiltin } from '../../../../src/local/apiserver/validation/index.js';

/** The errors of a new object of a kind, after its defaults. */
function errorsOf(apiVersion: string, kind: string, fields: object, old?: object): string[] {
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const type = { group, version, kind, namespaced: true };
  const make = (rest: object): KubeObject => {
    const object = { apiVersion, kind, metadata: { name: 'a', namespace: 'ns' }, ...structuredClone(rest) };
    defaultBuiltin(type, object);
    return object;
  };
  return validateBuiltin(type, make(fields), old === undefined ? undefined : make(old)).map(
    ({ field, message }) => `${field}: ${message}`,
  );
}

const RBAC = 'rbac.authorization.k8s.io/v1';
const target = { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' };
const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'c:1' }] } };

describe('kinds that are as they should be', () => {
  it.each<[string, string, object]>([
    ['v1', 'ConfigMap', { data: { a: 'b' }, binaryData: { c: 'AAE=' } }],
    ['v1', 'Secret', { stringData: { a: 'b' } }],
    ['v1', 'Service', { spec: { ports: [{ port: 80, targetPort: 'http' }] } }],
    ['v1', 'Service', { spec: { type: 'ExternalName', externalName: 'a.example' } }],
    ['v1', 'Service', { spec: { clusterIP: 'None', selector: { a: 'b' } } }],
    [
      'apps/v1',
      'ReplicaSet',
      {
        spec: {
          selector: { matchLabels: { a: 'b' } },
          template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'c' }] } },
        },
      },
    ],
    ['batch/v1', 'Job', { spec: { template } }],
    ['batch/v1', 'CronJob', { spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template } } } }],
    ['autoscaling/v2', 'HorizontalPodAutoscaler', { spec: { scaleTargetRef: target, maxReplicas: 3 } }],
    ['policy/v1', 'PodDisruptionBudget', { spec: { minAvailable: '50%' } }],
    ['coordination.k8s.io/v1', 'Lease', { spec: { leaseDurationSeconds: 15 } }],
    ['discovery.k8s.io/v1', 'EndpointSlice', { addressType: 'IPv4', endpoints: [] }],
    [
      'networking.k8s.io/v1',
      'NetworkPolicy',
      { spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] } },
    ],
    [RBAC, 'Role', { rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }] }],
    [RBAC, 'RoleBinding', { roleRef: { kind: 'Role', name: 'r' }, subjects: [{ kind: 'User', name: 'u' }] }],
  ])('%s %s %j', (apiVersion, kind, fields) => {
    expect(errorsOf(apiVersion, kind, fields)).toEqual([]);
  });
});

describe('kinds that are refused', () => {
  it.each<[string, string, object, string]>([
    [
      'v1',
      'ConfigMap',
      { data: { a: 'x' }, binaryData: { a: 'AAE=' } },
      'data[a]: Invalid value: "a": duplicate of key present in binaryData',
    ],
    [
      'v1',
      'ConfigMap',
      { data: { a: 'x'.repeat(1_048_577) } },
      '[]: Too long: may not be more than 1048576 bytes',
    ],
    [
      'v1',
      'Secret',
      { type: 'kubernetes.io/tls', stringData: { 'tls.crt': 'x' } },
      'data[tls.key]: Required value',
    ],
    ['v1', 'Service', { spec: {} }, 'spec.ports: Required value'],
    [
      'v1',
      'Service',
      { spec: { ports: [{ port: 80 }], clusterIP: 'nope' } },
      'spec.clusterIPs[0]: Invalid value: "nope": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
    [
      'v1',
      'Event',
      { involvedObject: { namespace: 'other' } },
      'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
    ],
    [
      'v1',
      'PersistentVolumeClaim',
      { spec: { accessModes: ['ReadWriteOnce'] } },
      'spec.resources[storage]: Required value',
    ],
    [
      'batch/v1',
      'Job',
      { spec: { template: { spec: { containers: [{ name: 'c', image: 'c' }] } } } },
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
    [
      'batch/v1',
      'CronJob',
      { spec: { schedule: 'daily', jobTemplate: { spec: { template } } } },
      'spec.schedule: Invalid value: "daily": expected exactly 5 fields, found 1: [daily]',
    ],
    [
      'autoscaling/v2',
      'HorizontalPodAutoscaler',
      { spec: { scaleTargetRef: target, minReplicas: 4, maxReplicas: 3 } },
      'spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`',
    ],
    [
      'autoscaling/v2',
      'HorizontalPodAutoscaler',
      { spec: { scaleTargetRef: target, maxReplicas: 3, metrics: [{ type: 'Resource' }] } },
      'spec.metrics[0].resource: Required value: must populate information for the given metric source',
    ],
    [
      'policy/v1',
      'PodDisruptionBudget',
      { spec: { minAvailable: '150%' } },
      'spec.minAvailable: Invalid value: "150%": must not be greater than 100%',
    ],
    [
      'coordination.k8s.io/v1',
      'Lease',
      { spec: { leaseDurationSeconds: 0 } },
      'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
    ],
    [
      'discovery.k8s.io/v1',
      'EndpointSlice',
      { addressType: 'X' },
      'addressType: Unsupported value: "X": supported values: "FQDN", "IPv4", "IPv6"',
    ],
    [
      'networking.k8s.io/v1',
      'NetworkPolicy',
      { spec: { podSelector: {}, ingress: [{ from: [{}] }] } },
      'spec.ingress[0].from[0]: Required value: must specify a peer',
    ],
    [
      'networking.k8s.io/v1',
      'Ingress',
      { spec: {} },
      'spec: Invalid value: {}: either `defaultBackend` or `rules` must be specified',
    ],
    [
      RBAC,
      'Role',
      { rules: [{ verbs: ['get'], resources: ['pods'] }] },
      'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
    ],
    [
      RBAC,
      'RoleBinding',
      { roleRef: { kind: 'Role', name: 'r' }, subjects: [{ kind: 'Robot', name: 'u' }] },
      'subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"',
    ],
    ['storage.k8s.io/v1', 'StorageClass', {}, 'provisioner: Required value'],
  ])('%s %s %j', (apiVersion, kind, fields, expected) => {
    expect(errorsOf(apiVersion, kind, fields)).toEqual([expected]);
  });

  it('what an update may not change', () => {
    const binding = { roleRef: { kind: 'Role', name: 'r' } };
    expect(errorsOf(RBAC, 'RoleBinding', { roleRef: { kind: 'Role', name: 'x' } }, binding)).toEqual([
      'roleRef: Invalid value: {"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"x"}: cannot change roleRef',
    ]);
    const fixed = { data: { a: 'x' }, immutable: true };
    expect(errorsOf('v1', 'ConfigMap', { ...fixed, data: {} }, fixed)).toEqual([
      'data: Forbidden: field is immutable when `immutable` is set',
    ]);
    const service = { spec: { ports: [{ port: 80 }], clusterIP: '10.96.0.1' } };
    const moved = { spec: { ports: [{ port: 80 }], clusterIP: '10.96.0.2' } };
    expect(errorsOf('v1', 'Service', moved, service)).toEqual([
      'spec.clusterIPs[0]: Invalid value: ["10.96.0.2"]: may not change once set',
    ]);
  });
});

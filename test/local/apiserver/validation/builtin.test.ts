import type { KubeObject } from '../../../../src/kube/index.js';
import {
  defaultBuiltin,
  validateBuiltin,
  validateBuiltinStatus,
} from '../../../../src/local/apiserver/validation/index.js';

const deploymentKind = { group: 'apps', version: 'v1', kind: 'Deployment', namespaced: true };

function deployment(container: object = {}, podSpec: object = {}, spec: object = {}): KubeObject {
  const object = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'a' },
    spec: {
      selector: { matchLabels: { app: 'a' } },
      template: {
        metadata: { labels: { app: 'a' } },
        spec: { containers: [{ name: 'web', image: 'web:1', ...container }], ...podSpec },
      },
      ...spec,
    },
  };
  defaultBuiltin(deploymentKind, object);
  return object;
}

const messages = (object: KubeObject, old?: KubeObject) =>
  validateBuiltin(deploymentKind, object, old).map(({ field, message }) =>
    `${field}: ${message}`.replace('spec.template.spec.', '~'),
  );

describe('a Deployment', () => {
  it('is complete after its defaults', () => {
    expect(messages(deployment())).toEqual([]);
  });

  it.each<[object, string]>([
    [{ image: undefined }, '~containers[0].image: Required value'],
    [{ ports: [{ containerPort: 0 }] }, '~containers[0].ports[0].containerPort: Required value'],
    [
      { ports: [{ containerPort: 80, protocol: 'HTTP' }] },
      '~containers[0].ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"',
    ],
    [
      { env: [{ name: 'A', valueFrom: {} }] },
      '~containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
    ],
    [
      { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.labels' } } }] },
      '~containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"',
    ],
    [
      { resources: { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } } },
      '~containers[0].resources.requests: Invalid value: "2Gi": must be less than or equal to memory limit',
    ],
    [
      { volumeMounts: [{ name: 'no', mountPath: '/a' }] },
      '~containers[0].volumeMounts[0].name: Not found: "no"',
    ],
    [{ livenessProbe: {} }, '~containers[0].livenessProbe: Required value: must specify a handler type'],
    [
      { livenessProbe: { httpGet: { port: 80 }, tcpSocket: { port: 80 } } },
      '~containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
    ],
    [
      { securityContext: { privileged: true, allowPrivilegeEscalation: false } },
      '~containers[0].securityContext: Invalid value: {"allowPrivilegeEscalation":false,"privileged":true}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
    ],
  ])('refuses the container %j', (container, expected) => {
    expect(messages(deployment(container))).toEqual([expected]);
  });

  it.each<[object, string]>([
    [{ volumes: [{ name: 'a', secret: {} }] }, '~volumes[0].secret.secretName: Required value'],
    [
      {
        volumes: [
          { name: 'a', emptyDir: {} },
          { name: 'a', emptyDir: {} },
        ],
      },
      '~volumes[1].name: Duplicate value: "a"',
    ],
    [
      { volumes: [{ name: 'a', configMap: { name: 'c', items: [{ key: 'k', path: '../x' }] } }] },
      '~volumes[0].configMap.items[0].path: Invalid value: "../x": must not contain \'..\'',
    ],
    [{ restartPolicy: 'Never' }, '~restartPolicy: Unsupported value: "Never": supported values: "Always"'],
    [
      { tolerations: [{ key: 'a', tolerationSeconds: 5 }] },
      '~tolerations[0].effect: Invalid value: "": effect must be \'NoExecute\' when `tolerationSeconds` is set',
    ],
    [
      { topologySpreadConstraints: [{ maxSkew: 0, topologyKey: 'z', whenUnsatisfiable: 'ScheduleAnyway' }] },
      '~topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
    ],
  ])('refuses the pod %j', (podSpec, expected) => {
    expect(messages(deployment({}, podSpec))).toEqual([expected]);
  });

  it('cannot change its selector', () => {
    const other = deployment(
      {},
      {},
      { selector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } },
    );
    expect(messages(other, deployment())).toEqual([
      'spec.selector: Invalid value: {"matchExpressions":[{"key":"app","operator":"Exists"}]}: field is immutable',
    ]);
  });

  it('has counts in its status that add up', () => {
    const object = { ...deployment(), status: { replicas: 1, readyReplicas: 2 } };
    expect(validateBuiltinStatus(deploymentKind, object).map(({ field }) => field)).toEqual([
      'status.readyReplicas',
    ]);
  });
});

describe('a Pod', () => {
  const pod = (spec: object): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', namespace: 'a' },
    spec: { containers: [{ name: 'c', image: 'c:1' }], ...spec },
  });
  const kind = { group: '', version: 'v1', kind: 'Pod', namespaced: true };

  it('may change its image and nothing that was scheduled by', () => {
    const [a, b, c] = [
      pod({}),
      pod({ containers: [{ name: 'c', image: 'c:2' }] }),
      pod({ nodeName: 'other' }),
    ];
    for (const object of [a, b, c]) defaultBuiltin(kind, object);
    b.spec = {
      ...(b.spec as object),
      containers: [{ ...(a.spec as { containers: object[] }).containers[0], image: 'c:2' }],
    };
    expect(validateBuiltin(kind, b, a)).toEqual([]);
    expect(validateBuiltin(kind, c, a).map(({ field, reason }) => [field, reason])).toEqual([
      ['spec', 'FieldValueForbidden'],
    ]);
  });
});

describe('defaults', () => {
  it('are the same when they are applied again', () => {
    const once = deployment({ livenessProbe: { httpGet: { port: 80 } } }, { volumes: [{ name: 'v' }] });
    const twice = structuredClone(once);
    defaultBuiltin(deploymentKind, twice);
    expect(twice).toEqual(once);
  });

  it('pull what is tagged latest each time, and digests never again', () => {
    const policyOf = (image: string) => {
      const object = deployment({ image }) as {
        spec?: { template: { spec: { containers: { imagePullPolicy: string }[] } } };
      };
      return object.spec?.template.spec.containers[0]?.imagePullPolicy;
    };
    expect(policyOf('a')).toBe('Always');
    expect(policyOf('host:5000/a')).toBe('Always');
    expect(policyOf('host:5000/a:latest')).toBe('Always');
    expect(policyOf('host:5000/a:1')).toBe('IfNotPresent');
    expect(policyOf(`a@sha256:${'a'.repeat(64)}`)).toBe('IfNotPresent');
  });
});

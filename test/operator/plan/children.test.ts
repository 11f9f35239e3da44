import { withDefaults } from '../../../src/api/index.js';
import { subjectOf } from '../../../src/operator/plan/children/child.js';
import { childrenOf } from '../../../src/operator/plan/children/children.js';
import type { OperatorConfig } from '../../../src/operator/index.js';
import { DIGEST_1, DIGEST_2, storedModelDeployment } from '../../support/modelDeployments.js';
import { operatorConfig } from '../../support/operatorCluster.js';

type Json = Record<string, never>;

function children(spec: Record<string, unknown> = {}, config: OperatorConfig = operatorConfig) {
  const subject = subjectOf(withDefaults(storedModelDeployment({ spec })));
  return childrenOf(subject, config).map(({ object }) => object);
}

function child(kind: string, spec?: Record<string, unknown>, config?: OperatorConfig) {
  const found = children(spec, config).find((object) => object.kind === kind);
  if (found === undefined) throw new Error(`no ${kind}`);
  return found as unknown as { metadata: { name: string }; spec: Json; data: Record<string, string> };
}

function pod(spec?: Record<string, unknown>, config?: OperatorConfig) {
  const { template } = child('Deployment', spec, config).spec as unknown as {
    template: { metadata: { labels: Json; annotations: Record<string, string> }; spec: Json };
  };
  const [container] = (template.spec as unknown as { containers: Record<string, unknown>[] }).containers;
  return { ...template, container: container ?? {} };
}

describe('the children', () => {
  test('come in an order in which pods find what they need', () => {
    expect(children({ autoscaling: { maxReplicas: 3 } }).map(({ kind }) => kind)).toEqual([
      'ServiceAccount',
      'ConfigMap',
      'Service',
      'PodDisruptionBudget',
      'Deployment',
      'HorizontalPodAutoscaler',
    ]);
  });

  test('belong to the ModelDeployment and carry its labels', () => {
    for (const { metadata } of children()) {
      expect(metadata.ownerReferences).toEqual([
        {
          apiVersion: 'gantry.dev/v1alpha1',
          kind: 'ModelDeployment',
          name: 'volatility',
          uid: 'uid-1',
          controller: true,
          blockOwnerDeletion: true,
        },
      ]);
      expect(metadata.labels).toMatchObject({
        'gantry.dev/modeldeployment': 'volatility',
        'app.kubernetes.io/managed-by': 'gantry',
      });
      expect(metadata.annotations?.['gantry.dev/wanted']).toMatch(/^[0-9a-f]{32}$/);
    }
  });
});

describe('the Deployment', () => {
  test('never has fewer pods than wanted during a rollout', () => {
    expect(child('Deployment', { replicas: 3 }).spec).toMatchObject({
      replicas: 3,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    });
  });

  test('leaves its replicas to the autoscaler where there is one', () => {
    expect(child('Deployment', { autoscaling: { maxReplicas: 3 } }).spec).not.toHaveProperty('replicas');
  });

  test('has pods that may do nothing they need not', () => {
    const { spec, container } = pod();
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  test('tells the server where its configuration and models are', () => {
    expect(pod().container.args).toEqual([
      'serve',
      '--config',
      '/etc/gantry/serving.json',
      '--models',
      '/app/models',
      '--model',
      'volatility',
    ]);
  });

  test('probes the named port and reads the end of the log when a pod fails', () => {
    const { container } = pod();
    expect(container.readinessProbe).toMatchObject({ httpGet: { path: '/v2/health/ready', port: 'http' } });
    expect(container.livenessProbe).toMatchObject({ httpGet: { path: '/v2/health/live', port: 'http' } });
    expect(container.startupProbe).toMatchObject({ httpGet: { path: '/v2/health/ready', port: 'http' } });
    expect(container.terminationMessagePolicy).toBe('FallbackToLogsOnError');
  });

  test('gives a pod longer to stop than it pauses before', () => {
    const { spec, container } = pod({}, { ...operatorConfig, preStopSeconds: 7 });
    expect(container.lifecycle).toEqual({ preStop: { sleep: { seconds: 7 } } });
    expect(spec.terminationGracePeriodSeconds).toBe(37);
    expect(pod({}, { ...operatorConfig, preStopSeconds: 0 }).container.lifecycle).toBeUndefined();
  });

  test('takes the image, its policy and its secrets from the spec', () => {
    const image = { reference: 'registry.example/models:7', pullPolicy: 'Always', pullSecrets: ['registry'] };
    const { spec, container } = pod({ source: { image } });
    expect(container).toMatchObject({ image: 'registry.example/models:7', imagePullPolicy: 'Always' });
    expect(spec.imagePullSecrets).toEqual([{ name: 'registry' }]);
    expect(pod().container.image).toBe('gantry:test');
  });

  test('mounts the claim read-only when the models are on one', () => {
    const { spec, container } = pod({ source: { pvc: { claimName: 'models', subPath: 'prod' } } });
    expect(container.volumeMounts).toContainEqual({
      name: 'models',
      mountPath: '/app/models',
      readOnly: true,
      subPath: 'prod',
    });
    expect(spec.volumes).toContainEqual({
      name: 'models',
      persistentVolumeClaim: { claimName: 'models', readOnly: true },
    });
  });

  test('speak TLS with the files of a Secret, and are probed where nobody needs it', () => {
    const tls = { secretRef: { name: 'certificate' } };
    const { spec, container } = pod({ serving: { tls } });
    expect((container.args as string[]).slice(-4)).toEqual([
      '--tls-cert',
      '/etc/gantry-tls/tls.crt',
      '--tls-key',
      '/etc/gantry-tls/tls.key',
    ]);
    expect(spec.volumes).toContainEqual({ name: 'tls', secret: { secretName: 'certificate' } });
    expect(container.volumeMounts).toContainEqual({
      name: 'tls',
      mountPath: '/etc/gantry-tls',
      readOnly: true,
    });
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
      expect(container[probe]).toMatchObject({ httpGet: { port: 'metrics' } });
    const mutual = pod({ serving: { tls: { ...tls, clientCertificates: true } } }).container;
    expect((mutual.args as string[]).slice(-2)).toEqual(['--tls-client-ca', '/etc/gantry-tls/ca.crt']);
    expect(child('Service', { serving: { tls } }).spec).toMatchObject({
      ports: [
        { name: 'http', appProtocol: 'https' },
        { name: 'grpc', appProtocol: 'https' },
        { name: 'metrics', port: 9090 },
      ],
    });
    expect(JSON.stringify(child('Service'))).not.toContain('appProtocol');
  });

  test('observe the pods as monitoring says, and leave the rest to the program', () => {
    const plain = pod({}).container;
    expect(JSON.stringify([plain.args, plain.env])).not.toMatch(/access-log|exemplars|OTEL/);
    const { container } = pod({
      monitoring: {
        exemplars: true,
        accessLog: { sample: 0.01, slowMs: 250 },
        tracing: { endpoint: 'http://collector:4318', sample: 0.1 },
      },
    });
    expect((container.args as string[]).join(' ')).toContain(
      '--metrics-exemplars --access-log-sample 0.01 --access-log-slow-ms 250',
    );
    expect(container.env).toEqual(
      expect.arrayContaining([
        { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://collector:4318' },
        { name: 'OTEL_SERVICE_NAME', value: 'volatility' },
        { name: 'OTEL_TRACES_SAMPLER', value: 'parentbased_traceidratio' },
        { name: 'OTEL_TRACES_SAMPLER_ARG', value: '0.1' },
      ]),
    );
    const { container: all } = pod({ monitoring: { tracing: { endpoint: 'https://collector' } } });
    expect(JSON.stringify(all.env)).not.toContain('SAMPLER');
  });

  test('requires a token of clients, and of the kubelet none, when a Secret says who may ask', () => {
    const { spec, container } = pod({ auth: { tokens: { secretRef: { name: 'traders' } } } });
    expect((container.args as string[]).slice(-2)).toEqual(['--auth-tokens', '/etc/gantry-clients']);
    expect(spec.volumes).toContainEqual({ name: 'clients', secret: { secretName: 'traders' } });
    expect(container.volumeMounts).toContainEqual({
      name: 'clients',
      mountPath: '/etc/gantry-clients',
      readOnly: true,
    });
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
      expect(container[probe]).toMatchObject({ httpGet: { port: 'metrics' } });
    }
    expect(JSON.stringify(container.env)).not.toContain('traders');
  });

  test.each<[string, Record<string, unknown>, string | undefined, unknown]>([
    [
      'of a Secret',
      { redis: { secretRef: { name: 'r' } } },
      undefined,
      { valueFrom: { secretKeyRef: { name: 'r', key: 'url' } } },
    ],
    ['of the operator', { redis: { managed: true } }, 'redis://redis:6379', { value: 'redis://redis:6379' }],
    ['of an operator without one', { redis: { managed: true } }, undefined, undefined],
    ['of nobody', {}, 'redis://redis:6379', undefined],
    ['of a cache that is off', { enabled: false, redis: { managed: true } }, 'redis://redis:6379', undefined],
  ])('passes the Redis %s', (_whose, cache, managedRedisUrl, expected) => {
    const config = managedRedisUrl === undefined ? operatorConfig : { ...operatorConfig, managedRedisUrl };
    const env = pod({ cache }, config).container.env as { name: string }[];
    const found = env.find(({ name }) => name === 'GANTRY_REDIS_URL');
    expect(found).toEqual(
      expected === undefined ? undefined : { name: 'GANTRY_REDIS_URL', ...(expected as object) },
    );
  });

  test('rolls its pods when, and only when, what they serve changes', () => {
    const hash = (spec: Record<string, unknown>) => pod(spec).metadata.annotations['gantry.dev/template'];
    const model = { name: 'volatility', version: '1', digest: DIGEST_1 };
    expect(hash({ replicas: 5 })).toBe(hash({}));
    expect(hash({ rollout: { progressDeadlineSeconds: 60 } })).toBe(hash({}));
    expect(hash({ model: { ...model, digest: DIGEST_2 } })).not.toBe(hash({}));
    expect(hash({ serving: { timeoutMs: 5 } })).not.toBe(hash({}));
    expect(hash({ resources: { limits: { cpu: 3 } } })).not.toBe(hash({}));
  });
});

describe('the ConfigMap', () => {
  test('holds the serving configuration and nothing else', () => {
    const config = child('ConfigMap', {
      input: { features: [{ name: 'vix', type: 'number' }] },
      serving: { threads: 2, maxBodyBytes: '1Mi' },
    });
    expect(Object.keys(config.data)).toEqual(['serving.json']);
    expect(JSON.parse(config.data['serving.json'] ?? '')).toEqual({
      apiVersion: 'gantry.dev/serving.v1alpha1',
      model: { name: 'volatility', version: '1', digest: DIGEST_1 },
      features: [{ name: 'vix', type: 'number' }],
      batching: { enabled: true, maxRows: 256 },
      queue: { maxRequests: 1024 },
      timeoutMs: 10000,
      warmup: { runs: 3 },
      threads: 2,
      cache: { enabled: true, ttlSeconds: 300, maxBytes: 64 * 2 ** 20 },
      limits: { maxBodyBytes: 2 ** 20 },
    });
  });

  test('is another one for another configuration, so that pods of the version before keep theirs', () => {
    const name = (spec: Record<string, unknown>) => child('ConfigMap', spec).metadata.name;
    expect(name({})).toMatch(/^volatility-[0-9a-f]{10}$/);
    expect(name({ serving: { timeoutMs: 5 } })).not.toBe(name({}));
    expect(name({ replicas: 5 })).toBe(name({}));
    expect(child('ConfigMap')).toMatchObject({ immutable: true });
  });
});

describe('the other children', () => {
  test('the Service has every port by name', () => {
    expect(child('Service').spec).toMatchObject({
      selector: { 'gantry.dev/modeldeployment': 'volatility', 'gantry.dev/track': 'stable' },
      ports: [
        { name: 'http', port: 8080, targetPort: 'http' },
        { name: 'grpc', port: 9000, targetPort: 'grpc' },
        { name: 'metrics', port: 9090, targetPort: 'metrics' },
      ],
    });
  });

  test('the autoscaler aims at the Deployment', () => {
    const autoscaling = { minReplicas: 2, maxReplicas: 6, metrics: { cpuPercent: 50, memoryPercent: 80 } };
    const { spec } = child('HorizontalPodAutoscaler', { autoscaling });
    expect(spec).toMatchObject({
      scaleTargetRef: { kind: 'Deployment', name: 'volatility' },
      minReplicas: 2,
      maxReplicas: 6,
    });
    expect(spec.metrics).toHaveLength(2);
  });

  test('the disruption budget lets a drain take one pod at a time', () => {
    expect(child('PodDisruptionBudget').spec).toMatchObject({ maxUnavailable: 1 });
  });
});

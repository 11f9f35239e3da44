import {
  CLIENTS_FOLDER,
  CONFIG_FILE,
  CONFIG_FOLDER,
  CONTAINER_NAME,
  HEALTH_PATHS,
  type ModelDeploymentSpec,
  MODELS_FOLDER,
  PORTS,
  REDIS_URL_VARIABLE,
  resourcesOf,
  TLS_FILES,
  TLS_FOLDER,
} from '../../../api/index.js';
import type { OperatorConfig } from '../../config.js';
import type { Subject } from './child.js';

export const CONFIG_VOLUME = 'config';
export const TMP_VOLUME = 'tmp';
export const MODELS_VOLUME = 'models';
export const CLIENTS_VOLUME = 'clients';
export const TLS_VOLUME = 'tls';

/** The one container of a pod. Its image's entry point is `gantry`. */
export function serverContainer(subject: Subject, config: OperatorConfig) {
  const { spec } = subject.declared;
  const { reference, pullPolicy } = spec.source.image ?? {};
  return {
    name: CONTAINER_NAME,
    image: reference ?? config.image,
    ...(pullPolicy !== undefined && { imagePullPolicy: pullPolicy }),
    args: [
      'serve',
      '--config',
      `${CONFIG_FOLDER}/${CONFIG_FILE}`,
      '--models',
      MODELS_FOLDER,
      '--model',
      spec.model.name,
      ...(spec.auth === undefined ? [] : ['--auth-tokens', CLIENTS_FOLDER]),
      ...tlsFlags(spec.serving.tls),
      ...monitoringFlags(spec.monitoring),
    ],
    ports: Object.entries(PORTS).map(([name, containerPort]) => ({ name, containerPort, protocol: 'TCP' })),
    env: environment(subject, config),
    resources: resourcesOf(spec.resources),
    startupProbe: { ...httpProbe(spec, HEALTH_PATHS.ready), periodSeconds: 1, failureThreshold: 300 },
    readinessProbe: { ...httpProbe(spec, HEALTH_PATHS.ready), periodSeconds: 5, failureThreshold: 2 },
    livenessProbe: { ...httpProbe(spec, HEALTH_PATHS.live), periodSeconds: 10, failureThreshold: 3 },
    ...(config.preStopSeconds > 0 && {
      lifecycle: { preStop: { sleep: { seconds: config.preStopSeconds } } },
    }),
    // A pod that cannot serve says why in the last line of its log (see podReport.ts).
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: volumeMounts(spec),
  };
}

/** The kubelet has no token and no certificate: where clients need one, it asks the metrics port. */
function httpProbe({ auth, serving }: ModelDeploymentSpec, path: string) {
  const port = auth === undefined && serving.tls === undefined ? 'http' : 'metrics';
  return { httpGet: { path, port }, timeoutSeconds: 2 };
}

function tlsFlags(tls: ModelDeploymentSpec['serving']['tls']): string[] {
  if (tls === undefined) return [];
  const [cert, key, clientCa] = [TLS_FILES.cert, TLS_FILES.key, TLS_FILES.clientCa].map(
    (file) => `${TLS_FOLDER}/${file}`,
  ) as [string, string, string];
  const flags = ['--tls-cert', cert, '--tls-key', key];
  return tls.clientCertificates ? [...flags, '--tls-client-ca', clientCa] : flags;
}

function monitoringFlags({ exemplars, accessLog }: ModelDeploymentSpec['monitoring']): string[] {
  return [
    ...(exemplars ? ['--metrics-exemplars'] : []),
    ...(accessLog?.sample === undefined ? [] : ['--access-log-sample', String(accessLog.sample)]),
    ...(accessLog?.slowMs === undefined ? [] : ['--access-log-slow-ms', String(accessLog.slowMs)]),
  ];
}

function environment({ name, declared: { spec } }: Subject, config: OperatorConfig) {
  return [
    { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    ...redisUrl(spec, config),
    ...tracing(name, spec.monitoring),
  ];
}

/** The variables of OpenTelemetry's own specification, which the server reads. */
function tracing(name: string, { tracing: wanted }: ModelDeploymentSpec['monitoring']) {
  if (wanted === undefined) return [];
  const sampler = [
    { name: 'OTEL_TRACES_SAMPLER', value: 'parentbased_traceidratio' },
    { name: 'OTEL_TRACES_SAMPLER_ARG', value: String(wanted.sample) },
  ];
  return [
    { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: wanted.endpoint },
    { name: 'OTEL_SERVICE_NAME', value: name },
    ...(wanted.sample === undefined ? [] : sampler),
  ];
}

function redisUrl(spec: ModelDeploymentSpec, config: OperatorConfig) {
  const { enabled, redis } = spec.cache;
  if (!enabled || redis === undefined) return [];
  const { secretRef } = redis;
  if (secretRef !== undefined) {
    return [
      { name: REDIS_URL_VARIABLE, valueFrom: { secretKeyRef: { name: secretRef.name, key: secretRef.key } } },
    ];
  }
  const usesManaged = redis.managed === true && config.managedRedisUrl !== undefined;
  return usesManaged ? [{ name: REDIS_URL_VARIABLE, value: config.managedRedisUrl }] : [];
}

function volumeMounts(spec: ModelDeploymentSpec) {
  const { pvc } = spec.source;
  return [
    { name: CONFIG_VOLUME, mountPath: CONFIG_FOLDER, readOnly: true },
    { name: TMP_VOLUME, mountPath: '/tmp' },
    ...(spec.auth === undefined ? [] : [{ name: CLIENTS_VOLUME, mountPath: CLIENTS_FOLDER, readOnly: true }]),
    ...(spec.serving.tls === undefined ? [] : [{ name: TLS_VOLUME, mountPath: TLS_FOLDER, readOnly: true }]),
    ...(pvc === undefined
      ? []
      : [
          {
            name: MODELS_VOLUME,
            mountPath: MODELS_FOLDER,
            readOnly: true,
            ...(pvc.subPath !== undefined && { subPath: pvc.subPath }),
          },
        ]),
  ];
}

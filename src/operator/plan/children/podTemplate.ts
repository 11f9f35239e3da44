import { ANNOTATIONS, LABELS, METRICS_PATH, type ModelDeploymentSpec, PORTS } from '../../../api/index.js';
import type { OperatorConfig } from '../../config.js';
import { hashOf } from '../canonical.js';
import { commonLabels, selectorLabels, type Subject } from './child.js';
import { configHash, configMapName } from './configMap.js';
import {
  CLIENTS_VOLUME,
  CONFIG_VOLUME,
  MODELS_VOLUME,
  serverContainer,
  TLS_VOLUME,
  TMP_VOLUME,
} from './container.js';

/** Seconds a pod has to answer what it has accepted, after the preStop pause. */
const DRAIN_SECONDS = 30;

export function podTemplate(subject: Subject, config: OperatorConfig) {
  const template = {
    metadata: { labels: podLabels(subject), annotations: podAnnotations(subject) },
    spec: podSpec(subject, config),
  };
  const annotations = { ...template.metadata.annotations, [ANNOTATIONS.template]: hashOf(template) };
  return { ...template, metadata: { ...template.metadata, annotations } };
}

function podLabels(subject: Subject): Record<string, string> {
  const { model } = subject.declared.spec;
  return {
    ...commonLabels(subject.name),
    ...selectorLabels(subject.name),
    [LABELS.name]: model.name,
    [LABELS.version]: model.version,
  };
}

function podAnnotations(subject: Subject): Record<string, string> {
  const config = { [ANNOTATIONS.config]: configHash(subject) };
  if (!subject.declared.spec.monitoring.scrape) return config;
  return {
    ...config,
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': String(PORTS.metrics),
    'prometheus.io/path': METRICS_PATH,
  };
}

function podSpec(subject: Subject, config: OperatorConfig) {
  const { spec } = subject.declared;
  const pullSecrets = spec.source.image?.pullSecrets ?? [];
  return {
    serviceAccountName: subject.name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(pullSecrets.length > 0 && { imagePullSecrets: pullSecrets.map((name) => ({ name })) }),
    terminationGracePeriodSeconds: config.preStopSeconds + DRAIN_SECONDS,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map(
      (topologyKey) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: selectorLabels(subject.name) },
      }),
    ),
    containers: [serverContainer(subject, config)],
    volumes: volumes(spec, configMapName(subject)),
  };
}

function volumes(spec: ModelDeploymentSpec, configMap: string) {
  const { pvc } = spec.source;
  return [
    { name: CONFIG_VOLUME, configMap: { name: configMap } },
    { name: TMP_VOLUME, emptyDir: {} },
    ...(spec.auth === undefined
      ? []
      : [{ name: CLIENTS_VOLUME, secret: { secretName: spec.auth.tokens.secretRef.name } }]),
    ...(spec.serving.tls === undefined
      ? []
      : [{ name: TLS_VOLUME, secret: { secretName: spec.serving.tls.secretRef.name } }]),
    ...(pvc === undefined
      ? []
      : [{ name: MODELS_VOLUME, persistentVolumeClaim: { claimName: pvc.claimName, readOnly: true } }]),
  ];
}

import type { OwnerReference } from '../../../src/kube/index.js';
import type { Deployment, DeploymentSpec, Pod, ReplicaSet } from '../../../src/local/objects/index.js';

export const NOW = Date.UTC(2026, 0, 1);

export function deploymentOf(spec: Partial<DeploymentSpec> = {}): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default', uid: 'd-1', generation: 1, resourceVersion: '1' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'example.com/web:1' }] },
      },
      ...spec,
    },
  };
}

export function controller(kind: string, name: string, uid: string): OwnerReference {
  return { apiVersion: 'apps/v1', kind, name, uid, controller: true, blockOwnerDeletion: true };
}

export interface PodTraits {
  readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  readonly ready?: boolean;
  readonly readySince?: string;
  readonly node?: string;
  readonly ip?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly restarts?: number;
  readonly created?: string;
  readonly deleting?: boolean;
  readonly owner?: OwnerReference;
}

export function podOf(name: string, traits: PodTraits = {}): Pod {
  const { phase = 'Running', ready = phase === 'Running' } = traits;
  const lastTransitionTime = traits.readySince ?? '2025-12-31T00:00:00Z';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: traits.created ?? '2025-12-31T00:00:00Z',
      labels: traits.labels ?? { app: 'web' },
      annotations: traits.annotations ?? {},
      ...(traits.deleting === true ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
      ...(traits.owner === undefined ? {} : { ownerReferences: [traits.owner] }),
    },
    spec: {
      nodeName: traits.node ?? 'local',
      containers: [{ name: 'web', image: 'i', ports: [{ name: 'http', containerPort: 8080 }] }],
    },
    status: {
      phase,
      ...(traits.ip === undefined ? {} : { podIP: traits.ip }),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime }],
      containerStatuses: [
        { name: 'web', ready, restartCount: traits.restarts ?? 0, image: 'i', imageID: 'i' },
      ],
    },
  };
}

export function replicaSetOf(spec: Partial<ReplicaSet['spec']> = {}): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web-1', namespace: 'default', uid: 'rs-1', generation: 1, resourceVersion: '1' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'i' }] },
      },
      ...spec,
    },
  };
}

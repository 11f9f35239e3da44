/** A cluster as the plan sees it: children as applied, a Deployment's status and pods as a test wants them. */
import type { ModelDeployment } from '../../src/api/index.js';
import type { KubeObject } from '../../src/kube/index.js';
import type { OperatorConfig } from '../../src/operator/index.js';
import type {
  ContainerStatus,
  Observed,
  ObservedDeployment,
  ObservedPod,
} from '../../src/operator/plan/observed.js';
import { childKey } from '../../src/operator/plan/observed.js';
import { plan } from '../../src/operator/plan/plan.js';

export const NOW = Date.UTC(2026, 0, 1);

export const operatorConfig: OperatorConfig = {
  image: 'gantry:test',
  urlTemplate: 'http://{clusterIP}:{port}',
  preStopSeconds: 5,
  workers: 2,
  identity: 'operator-0',
};

export const NOTHING: Observed = { children: new Map(), pods: [] };

/** What is observed once the plan's children have been applied and removed; the API server numbers generations. */
export function carriedOut(
  declared: ModelDeployment,
  observed: Observed = NOTHING,
  config: OperatorConfig = operatorConfig,
): Observed {
  const { difference } = plan(declared, observed, config, NOW);
  const children = new Map(observed.children);
  for (const { object } of difference.apply) children.set(childKey(object), stored(object, children));
  for (const object of difference.remove) children.delete(childKey(object));
  return { ...observed, children };
}

function stored(wanted: KubeObject, children: ReadonlyMap<string, KubeObject>): KubeObject {
  const before = children.get(childKey(wanted));
  const object = structuredClone(wanted);
  object.metadata.generation = (before?.metadata.generation ?? 0) + 1;
  object.metadata.uid = `uid-${childKey(wanted)}`;
  if (object.kind === 'Service') object.spec = { ...(object.spec as object), clusterIP: '127.1.0.7' };
  if (object.kind === 'Deployment') {
    const spec = object.spec as { replicas?: number };
    spec.replicas ??= (before?.spec as { replicas?: number } | undefined)?.replicas ?? 1;
    if (before?.status !== undefined) object.status = before.status;
  }
  return object;
}

export interface DeploymentCounts {
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly readyReplicas?: number;
  readonly conditions?: NonNullable<ObservedDeployment['status']>['conditions'];
}

/** The same cluster after the Deployment's controller has looked at the Deployment. */
export function withDeploymentStatus(observed: Observed, counts: DeploymentCounts): Observed {
  const deployment = deploymentOf(observed);
  const status = {
    observedGeneration: deployment.metadata.generation,
    availableReplicas: counts.readyReplicas ?? 0,
    ...counts,
  };
  const children = new Map(observed.children);
  children.set(childKey(deployment), { ...deployment, status });
  return { ...observed, children };
}

export function deploymentOf(observed: Observed): ObservedDeployment {
  const deployment = [...observed.children.values()].find(({ kind }) => kind === 'Deployment');
  if (deployment === undefined) throw new Error('there is no Deployment');
  return deployment;
}

/** A cluster whose pods all run the declared state and are ready. */
export function rolledOut(declared: ModelDeployment, config: OperatorConfig = operatorConfig): Observed {
  const applied = carriedOut(declared, NOTHING, config);
  const replicas = deploymentOf(applied).spec?.replicas ?? 1;
  const counted = withDeploymentStatus(applied, {
    replicas,
    updatedReplicas: replicas,
    readyReplicas: replicas,
  });
  const pods = Array.from({ length: replicas }, (_, index) =>
    podOf(counted, { name: `pod-${index}`, ready: true }),
  );
  return { ...counted, pods };
}

export interface PodParts {
  readonly name?: string;
  readonly ready?: boolean;
  readonly container?: Partial<ContainerStatus>;
  readonly conditions?: NonNullable<ObservedPod['status']>['conditions'];
}

/** A pod of the Deployment's present template. */
export function podOf(observed: Observed, parts: PodParts = {}): ObservedPod {
  const template = deploymentOf(observed).spec?.template?.metadata as KubeObject['metadata'];
  const { ready = false, container } = parts;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...template, name: parts.name ?? 'pod-0', namespace: 'default' },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }, ...(parts.conditions ?? [])],
      ...(container !== undefined && {
        containerStatuses: [{ name: 'server', ready, restartCount: 0, ...container }],
      }),
    },
  };
}

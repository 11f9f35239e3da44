import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { seededRandom, silentLogger } from '../../../src/base/index.js';
import {
  type ApiRequest,
  type Client,
  createClient,
  isNotFound,
  type KubeObject,
  type ResourceType,
  resourceTypes,
} from '../../../src/kube/index.js';
import { createApiServer, memoryStorage } from '../../../src/local/apiserver/index.js';
import { templateHash } from '../../../src/local/controllers/deployment/template.js';
import { createControllers } from '../../../src/local/controllers/index.js';
import type {
  Deployment,
  Pod,
  PodDisruptionBudget,
  PodTemplateSpec,
  ReplicaSet,
} from '../../../src/local/objects/index.js';
import { VirtualClock } from '../../support/virtualClock.js';
import { deploymentOf } from './builders.js';

const widgets: ResourceType = {
  group: 'example.com',
  version: 'v1',
  kind: 'Widget',
  plural: 'widgets',
  namespaced: true,
};
const namespace = 'default';

/** The template as the server completes it: that is what is hashed. */
async function storedTemplate(client: Client): Promise<PodTemplateSpec> {
  const { metadata, ...rest } = deploymentOf({ paused: true });
  const draft = { ...rest, metadata: { name: metadata.name, namespace } };
  const stored = await client.create<Deployment>(resourceTypes.deployments, draft);
  await client.delete(resourceTypes.deployments, { namespace, name: metadata.name });
  return stored.spec.template;
}

describe('the controllers on an API server, under a clock of their own', () => {
  let clock: VirtualClock;
  let client: Client;
  let requests: string[];
  let stop: AbortController;
  let running: Promise<void>;

  beforeEach(async () => {
    clock = new VirtualClock();
    requests = [];
    const options = { clock, random: seededRandom(1), logger: silentLogger };
    const server = createApiServer({ ...options, storage: memoryStorage() });
    const counted = {
      send: (request: ApiRequest) => {
        requests.push(`${request.method} ${request.path}`);
        return server.send(request);
      },
    };
    client = createClient({ ...options, transport: server, fieldManager: 'test' });
    const controllers = createControllers({
      ...options,
      client: createClient({ ...options, transport: counted, fieldManager: 'controllers' }),
    });
    stop = new AbortController();
    running = controllers.run(stop.signal);
    await clock.advance(100);
  });

  afterEach(async () => {
    stop.abort();
    await clock.advance(100);
    await running;
  });

  const deploy = async (): Promise<void> => {
    const { metadata, ...rest } = deploymentOf();
    const draft = { ...rest, metadata: { name: metadata.name, namespace } };
    await client.create<Deployment>(resourceTypes.deployments, draft);
    await clock.advance(1000);
  };
  const pods = async () => (await client.list<Pod>(resourceTypes.pods, { namespace })).items;
  const exists = async (type: ResourceType, name: string): Promise<boolean> => {
    try {
      await client.get(type, { namespace, name });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  };

  const makeReady = async (): Promise<void> => {
    for (const { metadata } of await pods()) {
      const status = {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }],
      };
      const ref = { namespace, name: metadata.name };
      await client.patch(resourceTypes.pods, ref, { status }, { type: 'merge', subresource: 'status' });
    }
    await clock.advance(1000);
  };

  it('cost no request while nothing changes', async () => {
    await deploy();
    await makeReady();
    const deployment = await client.get<Deployment>(resourceTypes.deployments, { namespace, name: 'web' });
    expect(deployment.status).toMatchObject({ readyReplicas: 3, availableReplicas: 3 });
    requests.length = 0;
    await clock.advance(6 * 60_000);
    expect(requests.filter((request) => !request.includes('watch=true'))).toEqual([]);
  });

  it('make exactly as many pods as asked for, however often they look', async () => {
    await deploy();
    expect(await pods()).toHaveLength(3);
    expect(
      requests.filter(
        (request) => request === 'POST /api/v1/namespaces/default/pods?fieldManager=controllers',
      ),
    ).toHaveLength(3);
  });

  it('collect the dependents of a custom resource, and of a kind that came later', async () => {
    await client.create(resourceTypes.customResourceDefinitions, {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
        versions: [
          { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
        ],
      },
    });
    await clock.advance(2000);
    const owner = await client.create<KubeObject>(widgets, {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w', namespace },
    });
    const { uid = '' } = owner.metadata;
    const reference = { apiVersion: 'example.com/v1', kind: 'Widget', name: 'w', uid };
    const child = { name: 'child', namespace, ownerReferences: [reference] };
    await client.create(resourceTypes.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: child });
    await clock.advance(5000);
    expect(await exists(resourceTypes.configMaps, 'child')).toBe(true);
    await client.delete(widgets, { namespace, name: 'w' });
    await clock.advance(5000);
    expect(await exists(resourceTypes.configMaps, 'child')).toBe(false);
  });

  it('take another name for a ReplicaSet when the one of its hash is taken', async () => {
    const { spec } = deploymentOf();
    const taken = `web-${templateHash(await storedTemplate(client))}`;
    await client.create(resourceTypes.replicaSets, {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: taken, namespace },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'other' } },
        template: { metadata: { labels: { app: 'other' } }, spec: spec.template.spec },
      },
    });
    await deploy();
    const deployment = await client.get<Deployment>(resourceTypes.deployments, { namespace, name: 'web' });
    expect(deployment.status).toMatchObject({ collisionCount: 1, replicas: 3 });
    const { items } = await client.list<ReplicaSet>(resourceTypes.replicaSets, { namespace });
    const own = items.find(({ metadata }) => metadata.name !== taken);
    expect(own?.metadata.ownerReferences?.[0]?.uid).toBe(deployment.metadata.uid);
  });

  it('say how many pods a budget lets go', async () => {
    await deploy();
    await makeReady();
    await client.create(resourceTypes.podDisruptionBudgets, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web', namespace },
      spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'web' } } },
    });
    await clock.advance(1000);
    const ref = { namespace, name: 'web' };
    const budget = await client.get<PodDisruptionBudget>(resourceTypes.podDisruptionBudgets, ref);
    expect(budget.status).toMatchObject({
      expectedPods: 3,
      currentHealthy: 3,
      desiredHealthy: 2,
      disruptionsAllowed: 1,
    });
  });

  it('lift a deployment to the minimum of its autoscaler', async () => {
    await deploy();
    await client.create(resourceTypes.horizontalPodAutoscalers, {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web', namespace },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 5,
        maxReplicas: 9,
      },
    });
    await clock.advance(5000);
    expect(await pods()).toHaveLength(5);
    const autoscaler = await client.get<KubeObject>(resourceTypes.horizontalPodAutoscalers, {
      namespace,
      name: 'web',
    });
    expect(autoscaler['status']).toMatchObject({
      currentReplicas: 5,
      conditions: [
        { type: 'AbleToScale', status: 'True' },
        { type: 'ScalingActive', status: 'False', reason: 'FailedGetResourceMetric' },
      ],
    });
  });
});

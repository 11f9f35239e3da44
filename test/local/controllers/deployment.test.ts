import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { planDeployment } from '../../../src/local/controllers/deployment/plan.js';
import { maxSurge, maxUnavailable } from '../../../src/local/controllers/deployment/size.js';
import { sameTemplate, templateHash } from '../../../src/local/controllers/deployment/template.js';
import type { Deployment } from '../../../src/local/objects/index.js';
import { controller, deploymentOf, NOW, podOf } from './builders.js';
import { DeploymentHistory } from './deploymentHistory.js';

const useImage = (image: string) => (deployment: Deployment) => {
  deployment.spec.template.spec.containers = [{ name: 'web', image }];
};

describe('a rolling update', () => {
  it('makes one ReplicaSet with the hash of its template in name, labels and selector', () => {
    const history = new DeploymentHistory(deploymentOf());
    history.settle();
    const [set] = history.sets;
    const hash = templateHash(history.deployment.spec.template);
    expect(set?.metadata).toMatchObject({
      name: `web-${hash}`,
      labels: { app: 'web', 'pod-template-hash': hash },
      annotations: {
        'deployment.kubernetes.io/revision': '1',
        'deployment.kubernetes.io/desired-replicas': '3',
        'deployment.kubernetes.io/max-replicas': '4',
      },
      ownerReferences: [controller('Deployment', 'web', 'd-1')],
    });
    expect(set?.spec.selector.matchLabels).toEqual({ app: 'web', 'pod-template-hash': hash });
    expect(history.deployment.metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1' });
    expect(history.events[0]?.message).toBe(`Scaled up replica set web-${hash} from 0 to 3`);
  });

  it('replaces pods one by one with maxSurge 1 and maxUnavailable 0', () => {
    const history = new DeploymentHistory(deploymentOf());
    history.complete();
    history.edit(useImage('two'));
    const seen: string[][] = [];
    for (let ready = 1; ready <= 3; ready += 1) {
      history.settle();
      seen.push(history.sizes());
      const newest = history.sets.at(-1);
      if (newest !== undefined) history.observe(newest, ready);
    }
    history.settle();
    expect(seen).toEqual([
      ['example.com/web:1: 3', 'two: 1'],
      ['example.com/web:1: 2', 'two: 2'],
      ['example.com/web:1: 1', 'two: 3'],
    ]);
    expect(history.sizes()).toEqual(['two: 3']);
    expect(history.condition('Progressing')).toMatchObject({
      reason: 'NewReplicaSetAvailable',
      status: 'True',
    });
  });

  it('takes up an old ReplicaSet again when its template comes back, as a new revision', () => {
    const history = new DeploymentHistory(deploymentOf());
    history.complete();
    history.edit(useImage('two'));
    history.complete();
    history.edit(useImage('example.com/web:1'));
    history.complete();
    expect(history.sets).toHaveLength(2);
    expect(history.sets[0]?.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
      'deployment.kubernetes.io/revision-history': '1',
    });
    expect(history.sizes()).toEqual(['example.com/web:1: 3']);
  });

  it('keeps no more old ReplicaSets than revisionHistoryLimit', () => {
    const history = new DeploymentHistory(deploymentOf({ revisionHistoryLimit: 1 }));
    for (const image of ['a', 'b', 'c', 'd']) {
      history.edit(useImage(image));
      history.complete();
    }
    expect(history.sets.map((set) => set.spec.template.spec.containers[0]?.image)).toEqual(['c', 'd']);
  });

  it('first takes away old pods that are not available', () => {
    const rolling = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
    const history = new DeploymentHistory(deploymentOf({ strategy: rolling }));
    history.settle();
    const [old] = history.sets;
    if (old !== undefined) history.observe(old, 1);
    history.edit(useImage('two'));
    history.settle();
    const newest = history.sets.at(-1);
    if (newest !== undefined) history.observe(newest, 1);
    history.settle();
    expect(history.total((set) => history.available(set))).toBe(2);
    expect(history.sizes()).toEqual(['example.com/web:1: 2', 'two: 2']);
  });

  it('never exceeds its surge, never goes below its minimum, and always completes', () => {
    const count = fc.oneof(
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 0, max: 100 }).map((percent) => `${percent}%`),
    );
    fc.assert(
      fc.property(
        fc.record({ replicas: fc.integer({ min: 1, max: 9 }), surge: count, unavailable: count }),
        fc.array(fc.tuple(fc.nat(20), fc.integer({ min: 0, max: 2 })), { maxLength: 25 }),
        ({ replicas, surge, unavailable }, happenings) => {
          const rollingUpdate = { maxSurge: surge, maxUnavailable: unavailable };
          const history = new DeploymentHistory(
            deploymentOf({ replicas, strategy: { type: 'RollingUpdate', rollingUpdate } }),
          );
          history.complete();
          const most = replicas + maxSurge(history.deployment);
          const least = replicas - maxUnavailable(history.deployment);
          for (const [choice, what] of happenings) {
            if (what === 0) history.edit(useImage(`image-${choice % 3}`));
            else {
              const set = history.sets[choice % history.sets.length];
              if (set !== undefined) history.observe(set, history.available(set) + 1);
            }
            history.step();
            expect(history.total((set) => set.spec.replicas ?? 0)).toBeLessThanOrEqual(most);
            expect(history.total((set) => history.available(set))).toBeGreaterThanOrEqual(least);
          }
          history.complete();
          expect(history.sizes()).toHaveLength(1);
          expect(history.deployment.status).toMatchObject({ replicas, updatedReplicas: replicas });
        },
      ),
      { seed: 20260101 },
    );
  });
});

describe('scaling', () => {
  it('spreads new replicas over the active sets in proportion', () => {
    const rolling = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } };
    const history = new DeploymentHistory(deploymentOf({ replicas: 10, strategy: rolling }));
    history.complete();
    history.edit(useImage('two'));
    history.settle();
    expect(history.sizes()).toEqual(['example.com/web:1: 8', 'two: 5']);
    history.edit((deployment) => (deployment.spec.replicas = 15));
    history.step();
    expect(history.sizes()).toEqual(['example.com/web:1: 11', 'two: 7']);
  });

  it('ends every pod at zero replicas', () => {
    const history = new DeploymentHistory(deploymentOf());
    history.complete();
    history.edit((deployment) => (deployment.spec.replicas = 0));
    history.complete();
    expect(history.sizes()).toEqual([]);
  });
});

describe('Recreate', () => {
  it('ends all old pods before it makes the first new one', () => {
    const history = new DeploymentHistory(deploymentOf({ strategy: { type: 'Recreate' } }));
    history.complete();
    history.edit(useImage('two'));
    history.step();
    expect(history.sizes()).toEqual([]);
    const [old] = history.sets;
    const owner = controller('ReplicaSet', 'old', old?.metadata.uid ?? '');
    const running = new Map([[owner.uid, [podOf('a', { owner, deleting: true })]]]);
    const { deployment, sets } = history;
    const waiting = planDeployment({ deployment, sets, podsBySet: running }, NOW);
    expect(waiting.writes.filter(({ verb }) => verb === 'create')).toEqual([]);
    history.complete();
    expect(history.sizes()).toEqual(['two: 3']);
  });
});

describe('progress', () => {
  it('runs out when no pod gets ready, and recovers when they do', () => {
    const history = new DeploymentHistory(deploymentOf({ progressDeadlineSeconds: 10 }));
    history.settle();
    const { deployment, sets } = history;
    const plan = planDeployment({ deployment, sets, podsBySet: new Map() }, history.now);
    expect(plan.requeueAfterMs).toBe(11_000);
    history.now += 11_000;
    history.settle();
    expect(history.condition('Progressing')).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
    });
    history.complete();
    expect(history.condition('Progressing')).toMatchObject({
      status: 'True',
      reason: 'NewReplicaSetAvailable',
    });
  });

  it('is Unknown while paused, and nothing rolls', () => {
    const history = new DeploymentHistory(deploymentOf());
    history.complete();
    history.edit((deployment) => {
      deployment.spec.paused = true;
      useImage('two')(deployment);
    });
    history.settle();
    expect(history.condition('Progressing')).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused' });
    expect(history.sizes()).toEqual(['example.com/web:1: 3']);
    history.edit((deployment) => (deployment.spec.paused = false));
    history.complete();
    expect(history.sizes()).toEqual(['two: 3']);
  });

  it('passes on why a ReplicaSet cannot make its pods', () => {
    const history = new DeploymentHistory(deploymentOf());
    history.settle();
    const failure = {
      type: 'ReplicaFailure',
      status: 'True',
      reason: 'FailedCreate',
      message: 'quota',
    } as const;
    const [set] = history.sets;
    if (set?.status !== undefined) set.status = { ...set.status, conditions: [failure] };
    history.settle();
    expect(history.condition('ReplicaFailure')).toMatchObject({ status: 'True', message: 'quota' });
  });
});

describe('a template', () => {
  it('has the same hash whatever the order of its keys, and another for each collision', () => {
    const template = { metadata: { labels: { a: '1', b: '2' } }, spec: { containers: [] } };
    const turned = { spec: { containers: [] }, metadata: { labels: { b: '2', a: '1' } } };
    expect(templateHash(template)).toBe(templateHash(turned));
    expect(templateHash(template, 1)).not.toBe(templateHash(template));
    expect(templateHash(template)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]+$/);
  });

  it('is the same with and without the hash label', () => {
    const labelled = { metadata: { labels: { a: '1', 'pod-template-hash': 'x' } }, spec: { containers: [] } };
    expect(sameTemplate(labelled, { metadata: { labels: { a: '1' } }, spec: { containers: [] } })).toBe(true);
  });
});

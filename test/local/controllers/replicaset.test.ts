import { describe, expect, it } from '@jest/globals';
import { adoptionPatch, claim, releasePatch } from '../../../src/local/controllers/claim.js';
import { Expectations } from '../../../src/local/controllers/expectations.js';
import {
  activePods,
  planReplicas,
  replicaSetStatus,
  untilAvailable,
} from '../../../src/local/controllers/replicaset/plan.js';
import { podsToDelete } from '../../../src/local/controllers/replicaset/ranking.js';
import { slowStart } from '../../../src/local/controllers/replicaset/slowStart.js';
import { VirtualClock } from '../../support/virtualClock.js';
import { controller, NOW, podOf, type PodTraits, replicaSetOf } from './builders.js';

describe('which pods a ReplicaSet deletes first', () => {
  const keep: PodTraits = { node: 'a', readySince: '2025-01-01T00:00:00Z', created: '2025-01-01T00:00:00Z' };
  it.each<[string, PodTraits]>([
    ['one without a node', { ...keep, node: '' }],
    ['a pending one', { ...keep, phase: 'Pending', ready: true }],
    ['one that is not ready', { ...keep, ready: false }],
    ['a cheaper one', { ...keep, annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-5' } }],
    ['one that got ready later', { ...keep, readySince: '2025-12-31T23:00:00Z' }],
    ['one that was restarted', { ...keep, restarts: 2 }],
    ['a newer one', { ...keep, created: '2025-12-31T23:00:00Z' }],
  ])('is %s', (_what, traits) => {
    const pods = [podOf('keep', keep), podOf('go', traits), podOf('keep-too', keep)];
    expect(podsToDelete(pods, [], 1, NOW).map(({ metadata }) => metadata.name)).toEqual(['go']);
  });

  it('is one on the node with the most pods of the same owner', () => {
    const pods = [podOf('alone', { node: 'a' }), podOf('crowded', { node: 'b' })];
    const related = [...pods, podOf('x', { node: 'b' })];
    expect(podsToDelete(pods, related, 1, NOW).map(({ metadata }) => metadata.name)).toEqual(['crowded']);
  });
});

describe('a ReplicaSet', () => {
  it('counts neither ended nor ending pods, and replaces them', () => {
    const pods = [
      podOf('a'),
      podOf('b', { phase: 'Failed' }),
      podOf('c', { phase: 'Succeeded' }),
      podOf('d', { deleting: true }),
    ];
    expect(activePods(pods).map(({ metadata }) => metadata.name)).toEqual(['a']);
    expect(planReplicas(replicaSetOf(), activePods(pods), [], NOW).create).toBe(2);
    expect(replicaSetStatus(replicaSetOf(), pods, undefined, NOW)).toEqual({
      replicas: 1,
      fullyLabeledReplicas: 1,
      readyReplicas: 1,
      availableReplicas: 1,
      terminatingReplicas: 1,
      observedGeneration: 1,
    });
  });

  it('makes nothing more once it is being deleted', () => {
    const set = replicaSetOf();
    set.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    expect(planReplicas(set, [], [], NOW)).toEqual({ create: 0, remove: [] });
  });

  it('counts a pod as available only after minReadySeconds', () => {
    const set = replicaSetOf({ minReadySeconds: 30, replicas: 1 });
    const pods = [podOf('a', { readySince: '2025-12-31T23:59:50Z' })];
    expect(replicaSetStatus(set, pods, undefined, NOW).availableReplicas).toBeUndefined();
    expect(untilAvailable(set, pods, NOW)).toBe(20_000);
    expect(replicaSetStatus(set, pods, undefined, NOW + 20_000).availableReplicas).toBe(1);
  });

  it('keeps the first failure until it is over', () => {
    const set = replicaSetOf();
    const failure = { reason: 'FailedCreate', message: 'forbidden' } as const;
    set.status = replicaSetStatus(set, [], failure, NOW);
    expect(set.status.conditions).toMatchObject([
      { type: 'ReplicaFailure', status: 'True', message: 'forbidden' },
    ]);
    expect(replicaSetStatus(set, [], { ...failure, message: 'other' }, NOW).conditions).toEqual(
      set.status.conditions,
    );
    expect(replicaSetStatus(set, [], undefined, NOW).conditions).toBeUndefined();
  });

  it('adopts what it selects, lets go of what it no longer selects, and leaves what others own', () => {
    const set = replicaSetOf();
    const mine = controller('ReplicaSet', 'web-1', 'rs-1');
    const owned = podOf('owned', { owner: mine });
    const stray = podOf('stray');
    const lost = podOf('lost', { owner: mine, labels: { app: 'x' } });
    const foreign = podOf('foreign', { owner: controller('ReplicaSet', 'other', 'rs-2') });
    const ending = podOf('ending', { deleting: true });
    const result = claim(set, set.spec.selector, [owned, stray, lost, foreign, ending]);
    expect(result).toEqual({ owned: [owned], adopt: [stray], release: [lost] });
    expect(adoptionPatch(set, stray)).toMatchObject({
      metadata: { uid: 'uid-stray', resourceVersion: '1', ownerReferences: [mine] },
    });
    expect(releasePatch(lost, ['rs-1'])).toMatchObject({ metadata: { ownerReferences: null } });
  });
});

describe('slow start', () => {
  it('stops after the batch in which a call failed', async () => {
    let calls = 0;
    const result = await slowStart(100, () => {
      calls += 1;
      return calls > 3 ? Promise.reject(new Error('quota')) : Promise.resolve();
    });
    expect(calls).toBe(7);
    expect(result).toMatchObject({ successes: 3, error: new Error('quota') });
  });
});

describe('expectations', () => {
  it('hold a key back until everything was seen, or for five minutes', async () => {
    const clock = new VirtualClock();
    const expectations = new Expectations(clock);
    expectations.expect('a', 'created/1');
    expectations.expect('a', 'created/2');
    expectations.observe('a', 'created/1');
    expect(expectations.isSatisfied('a')).toBe(false);
    expect(expectations.isSatisfied('b')).toBe(true);
    await clock.advance(5 * 60_000);
    expect(expectations.isSatisfied('a')).toBe(true);
  });
});

import type { ModelDeployment, ModelDeploymentStatus } from '../../../src/api/index.js';
import type { Observed } from '../../../src/operator/plan/observed.js';
import { plan } from '../../../src/operator/plan/plan.js';
import { kstatus } from '../../support/kstatus.js';
import { DIGEST_1, DIGEST_2, storedModelDeployment } from '../../support/modelDeployments.js';
import {
  carriedOut,
  NOTHING,
  NOW,
  operatorConfig,
  podOf,
  type PodParts,
  rolledOut,
  withDeploymentStatus,
} from '../../support/operatorCluster.js';

function statusOf(declared: ModelDeployment, observed: Observed, nowMs = NOW): ModelDeploymentStatus {
  return plan(declared, observed, operatorConfig, nowMs).status;
}

function condition(status: ModelDeploymentStatus, type: string) {
  return status.conditions?.find((candidate) => candidate.type === type);
}

const verdictOf = (declared: ModelDeployment, status: ModelDeploymentStatus) =>
  kstatus({ metadata: declared.metadata, status });

const two = storedModelDeployment({ spec: { replicas: 2 } });

/** One pod of the new template, in the given state. */
function withPod(declared: ModelDeployment, parts: PodParts, ready = 0): Observed {
  const observed = withDeploymentStatus(carriedOut(declared), {
    replicas: 1,
    updatedReplicas: 1,
    readyReplicas: ready,
  });
  return { ...observed, pods: [podOf(observed, parts)] };
}

const ended = (message: string, restartCount = 1) => ({
  container: { restartCount, lastState: { terminated: { exitCode: 1, message } } },
});

describe('the status', () => {
  test('says that the operator is at work before there is anything', () => {
    const status = statusOf(two, NOTHING);
    expect(status).toMatchObject({ phase: 'Pending', ready: '0/2', observedGeneration: 1 });
    expect(condition(status, 'Ready')).toMatchObject({ status: 'Unknown', reason: 'Progressing' });
    expect(verdictOf(two, status)).toBe('InProgress');
  });

  test('counts pods while they come', () => {
    const observed = withDeploymentStatus(carriedOut(two), {
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: 1,
    });
    const pods = [podOf(observed, { name: 'a', ready: true }), podOf(observed, { name: 'b' })];
    const status = statusOf(two, { ...observed, pods });
    expect(status).toMatchObject({ phase: 'Progressing', ready: '1/2', replicas: 2, readyReplicas: 1 });
    expect(condition(status, 'Ready')?.message).toBe('rolling out volatility 1: 1 of 2 pods ready');
    expect(condition(status, 'Available')?.status).toBe('True');
    expect(condition(status, 'ModelVerified')).toMatchObject({ status: 'True', reason: 'DigestVerified' });
    expect(verdictOf(two, status)).toBe('InProgress');
  });

  test('is Ready when every wanted pod serves the declared version', () => {
    const status = statusOf(two, rolledOut(two));
    expect(status).toMatchObject({
      phase: 'Ready',
      ready: '2/2',
      model: { version: '1', digest: DIGEST_1 },
      url: 'http://127.1.0.7:8080',
      cache: 'Memory',
      selector: 'gantry.dev/modeldeployment=volatility,gantry.dev/track=stable',
      history: [{ version: '1', digest: DIGEST_1, generation: 1, outcome: 'Succeeded' }],
    });
    expect(verdictOf(two, status)).toBe('Current');
  });

  test('has no URL as long as the Service has no address', () => {
    expect(statusOf(two, NOTHING).url).toBeUndefined();
  });

  test('does not believe counts of a Deployment that its controller has not seen', () => {
    const ready = rolledOut(two);
    const next = storedModelDeployment({
      generation: 2,
      status: statusOf(two, ready),
      spec: { replicas: 2, model: { name: 'volatility', version: '2', digest: DIGEST_2 } },
    });
    expect(statusOf(next, ready).phase).toBe('Progressing');
    const applied = carriedOut(next, ready);
    const status = statusOf(next, applied);
    expect(status).toMatchObject({ phase: 'Progressing', model: { version: '1' } });
    expect(condition(status, 'Available')?.status).toBe('True');
    expect(condition(status, 'ModelVerified')?.status).toBe('Unknown');
    expect(verdictOf(next, status)).toBe('InProgress');
  });

  test('is Degraded when a pod that was ready no longer is', () => {
    const before = { ...two, status: statusOf(two, rolledOut(two)) };
    const observed = rolledOut(two);
    const worse = withDeploymentStatus(observed, { replicas: 2, updatedReplicas: 2, readyReplicas: 1 });
    const pods = [podOf(observed, { name: 'a', ready: true }), podOf(observed, { name: 'b' })];
    const status = statusOf(before, { ...worse, pods });
    expect(status.phase).toBe('Degraded');
    expect(condition(status, 'Ready')).toMatchObject({ status: 'False', reason: 'PodsNotReady' });
    expect(verdictOf(two, status)).toBe('InProgress');
  });

  test('is settled, though not available, when no pods are wanted', () => {
    const none = storedModelDeployment({ spec: { replicas: 0 } });
    const status = statusOf(none, withDeploymentStatus(carriedOut(none), {}));
    expect(status).toMatchObject({ phase: 'Stopped', ready: '0/0' });
    expect(condition(status, 'Available')).toMatchObject({ status: 'False', reason: 'ScaledToZero' });
    expect(verdictOf(none, status)).toBe('Current');
    const again = statusOf({ ...none, status }, withDeploymentStatus(carriedOut(none), {}));
    expect(again.model).toBeUndefined();
    expect(condition(again, 'ModelVerified')?.status).toBe('Unknown');
  });

  test('names every broken rule of a spec that should not have been let in, and changes nothing', () => {
    const bad = storedModelDeployment({ spec: { replicas: 1, autoscaling: { maxReplicas: 2 } } });
    const { difference, status } = plan(bad, NOTHING, operatorConfig, NOW);
    expect(difference).toEqual({ apply: [], remove: [] });
    expect(condition(status, 'Stalled')).toMatchObject({
      status: 'True',
      reason: 'InvalidSpec',
      message: 'spec.replicas: replicas and autoscaling exclude each other; remove one of them',
    });
    expect(verdictOf(bad, status)).toBe('Failed');
  });

  test('survives a spec without a model', () => {
    const bad = { ...two, spec: {} } as unknown as ModelDeployment;
    expect(condition(statusOf(bad, NOTHING), 'Stalled')?.message).toContain('spec.model: is required');
  });

  test('keeps the time of a transition as long as the status of the condition stays', () => {
    const first = statusOf(two, NOTHING);
    const later = statusOf({ ...two, status: first }, carriedOut(two), NOW + 60_000);
    expect(condition(later, 'Reconciling')?.lastTransitionTime).toBe('2026-01-01T00:00:00Z');
    const ready = statusOf({ ...two, status: later }, rolledOut(two), NOW + 120_500);
    expect(condition(ready, 'Reconciling')?.lastTransitionTime).toBe('2026-01-01T00:02:00Z');
  });

  test('keeps ten rollouts in its history', () => {
    let status: ModelDeploymentStatus = { observedGeneration: -1 };
    for (let version = 1; version <= 14; version++) {
      const spec = { model: { name: 'volatility', version: String(version), digest: DIGEST_1 } };
      const declared = storedModelDeployment({ generation: version, spec, status });
      status = statusOf(declared, rolledOut(declared));
      status = statusOf({ ...declared, status }, rolledOut(declared));
    }
    expect(status.history?.map(({ version }) => version)).toEqual('14 13 12 11 10 9 8 7 6 5'.split(' '));
  });
});

describe('a pod that does not get ready', () => {
  const report = (code: string) =>
    `{"level":"info"}\n${JSON.stringify({ code, place: 'production/volatility/1', message: 'the file is another one', remedy: 'restore it' })}\n`;
  const waiting = (reason: string, message: string) => ({
    container: { state: { waiting: { reason, message } } },
  });

  test.each<[string, PodParts, string, string]>([
    [
      'whose model is another one',
      ended(report('DigestMismatch')),
      'DigestMismatch',
      'pod pod-0: production/volatility/1: the file is another one; restore it',
    ],
    ['that finds no model', ended(report('ModelNotFound')), 'ModelNotFound', 'the file is another one'],
    [
      'whose model cannot be loaded',
      ended(report('ModelUnloadable')),
      'InvalidModel',
      'the file is another one',
    ],
    ['with a reason of its own', ended(report('PortOccupied')), 'StartFailed', 'the file is another one'],
    [
      'whose image cannot be pulled',
      waiting('ImagePullBackOff', 'no such image'),
      'ImagePullFailed',
      'no such image; check the name and pull secrets',
    ],
    [
      'that lacks a Secret',
      waiting('CreateContainerConfigError', 'secret "r" not found'),
      'ContainerConfigError',
      'secret "r" not found; make what is missing',
    ],
    [
      'that ends over and over',
      ended('oops\nlast words', 3),
      'CrashLoop',
      'ended with exit code 1, saying "last words"; see kubectl logs pod-0 --previous',
    ],
    [
      'that is out of memory again and again',
      { container: { restartCount: 3, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } } },
      'OutOfMemory',
      'raise spec.resources.limits.memory',
    ],
  ])('%s stalls the rollout and says what to do', (_what, parts, reason, message) => {
    const status = statusOf(two, withPod(two, parts));
    expect(status.phase).toBe('Failed');
    expect(condition(status, 'Stalled')).toMatchObject({ status: 'True', reason });
    expect(condition(status, 'Ready')).toMatchObject({ status: 'False', reason });
    expect(condition(status, 'Ready')?.message).toContain(message);
    expect(status.history?.[0]).toMatchObject({ outcome: 'Failed', reason });
    expect(verdictOf(two, status)).toBe('Failed');
  });

  test.each<[string, PodParts, string]>([
    ['ended once', ended('oops'), 'PodRestarting'],
    ['whose image could not be pulled at once', waiting('ErrImagePull', 'timeout'), 'ImagePullFailed'],
    [
      'ended again after it had run for an hour',
      {
        container: {
          restartCount: 9,
          lastState: {
            terminated: {
              exitCode: 1,
              startedAt: '2026-01-01T00:00:00Z',
              finishedAt: '2026-01-01T01:00:00Z',
            },
          },
        },
      },
      'PodRestarting',
    ],
    [
      'fits on no node',
      {
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' },
        ],
      },
      'Unschedulable',
    ],
    [
      'is being pulled',
      { container: { state: { waiting: { reason: 'ContainerCreating' } } } },
      'Progressing',
    ],
  ])('goes on waiting for one that %s', (_what, parts, reason) => {
    const status = statusOf(two, withPod(two, parts));
    expect(condition(status, 'Reconciling')).toMatchObject({ status: 'True', reason });
    expect(verdictOf(two, status)).toBe('InProgress');
  });

  test('a wrong digest makes the model unverified', () => {
    const status = statusOf(two, withPod(two, ended(report('DigestMismatch'))));
    expect(condition(status, 'ModelVerified')).toMatchObject({ status: 'False', reason: 'DigestMismatch' });
  });

  test('leaves the version before available, and its history', () => {
    const before = statusOf(two, rolledOut(two));
    const next = storedModelDeployment({
      generation: 2,
      status: before,
      spec: { replicas: 2, model: { name: 'volatility', version: '2', digest: DIGEST_2 } },
    });
    const applied = withDeploymentStatus(carriedOut(next, rolledOut(two)), {
      replicas: 3,
      updatedReplicas: 1,
      readyReplicas: 2,
    });
    const status = statusOf(next, { ...applied, pods: [podOf(applied, ended(report('DigestMismatch')))] });
    expect(status).toMatchObject({ phase: 'Failed', model: { version: '1' } });
    expect(condition(status, 'Available')?.status).toBe('True');
    expect(status.history?.map(({ outcome }) => outcome)).toEqual(['Failed', 'Succeeded']);
  });

  test('does not count when it belongs to another version', () => {
    const observed = withDeploymentStatus(carriedOut(two), { replicas: 1, updatedReplicas: 1 });
    const old = podOf(observed, ended(report('DigestMismatch')));
    old.metadata.annotations = { 'gantry.dev/template': 'another' };
    expect(statusOf(two, { ...observed, pods: [old] }).phase).toBe('Progressing');
  });
});

describe('pods that cannot be made', () => {
  const failing = (message: string, extra: { type: string; status: string; reason: string }[] = []) =>
    withDeploymentStatus(carriedOut(two), {
      conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }, ...extra],
    });
  const late = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' };

  test('for a quota are waited for, and stall the rollout at the deadline', () => {
    const message = 'pods "x" is forbidden: exceeded quota: q';
    const waiting = statusOf(two, failing(message));
    expect(condition(waiting, 'Reconciling')).toMatchObject({ status: 'True', reason: 'QuotaExceeded' });
    const stalled = statusOf(two, failing(message, [late]));
    expect(condition(stalled, 'Stalled')).toMatchObject({ status: 'True', reason: 'QuotaExceeded' });
    expect(condition(stalled, 'Stalled')?.message).toContain('raise the quota');
  });

  test('for any other reason are reported in the words of the API server', () => {
    const status = statusOf(two, failing('violates PodSecurity'));
    expect(condition(status, 'Reconciling')).toMatchObject({ reason: 'PodsRefused' });
    expect(condition(status, 'Reconciling')?.message).toContain('violates PodSecurity');
  });

  test('without any word stall the rollout at the deadline', () => {
    const observed = withDeploymentStatus(carriedOut(two), {
      replicas: 2,
      updatedReplicas: 2,
      conditions: [late],
    });
    expect(condition(statusOf(two, observed), 'Stalled')).toMatchObject({
      reason: 'ProgressDeadlineExceeded',
    });
  });
});

import { describe, expect, it } from '@jest/globals';
import { AddressPool } from '../../../src/local/node/pod/addresses.js';
import { crashesAfter, restartDelay } from '../../../src/local/node/pod/backoff.js';
import { type ContainerRecord, noteExit, recordsOf } from '../../../src/local/node/pod/containerRecord.js';
import { planPod } from '../../../src/local/node/pod/plan.js';
import { podStatus } from '../../../src/local/node/pod/status.js';
import { overcommitment } from '../../../src/local/node/registration.js';
import { misfit } from '../../../src/local/node/schedule/fit.js';
import type { Node, Pod } from '../../../src/local/objects/index.js';
import { podObject } from './cluster.js';

const NOW = Date.UTC(2026, 0, 1);
const spec: Pod['spec'] = {
  initContainers: [
    { name: 'first', image: 'i' },
    { name: 'side', image: 'i', restartPolicy: 'Always' },
  ],
  containers: [
    { name: 'a', image: 'i' },
    { name: 'b', image: 'i' },
  ],
};

function run(record: ContainerRecord | undefined, ready = true): void {
  if (record === undefined) throw new Error('no such record');
  Object.assign(record, { state: 'running', started: ready, ready, startedAt: NOW });
}

function end(record: ContainerRecord | undefined, exitCode: number, at = NOW): void {
  if (record === undefined) throw new Error('no such record');
  noteExit(record, { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' }, at);
}

const names = (records: readonly ContainerRecord[]) => records.map(({ name }) => name);

describe('which containers start', () => {
  it('are init containers in order, then sidecars, then all others together', () => {
    const pod = podObject('p', spec);
    const records = recordsOf(pod, NOW);
    const [first, side, a] = records;
    expect(names(planPod(pod, records, NOW).start)).toEqual(['first']);
    run(first);
    expect(planPod(pod, records, NOW).start).toEqual([]);
    end(first, 0);
    expect(names(planPod(pod, records, NOW).start)).toEqual(['side']);
    run(side, false);
    expect(planPod(pod, records, NOW).start).toEqual([]);
    run(side);
    expect(names(planPod(pod, records, NOW).start)).toEqual(['a', 'b']);
    run(a);
    expect(names(planPod(pod, records, NOW).start)).toEqual(['b']);
  });

  it.each([
    ['Always', 0, true],
    ['Always', 1, true],
    ['OnFailure', 0, false],
    ['OnFailure', 1, true],
    ['Never', 1, false],
  ])('again under %s after exit code %i: %s', (restartPolicy, code, again) => {
    const pod = podObject('p', { restartPolicy, containers: [{ name: 'a', image: 'i' }] });
    const records = recordsOf(pod, NOW);
    run(records[0]);
    end(records[0], code);
    expect(planPod(pod, records, NOW).start.length === 1).toBe(again);
  });

  it('wait longer after each end, up to five minutes, until one ran for ten', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 8].map((crashes) => restartDelay(crashes) / 1000);
    expect(delays).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
    expect(crashesAfter(5, 60_000)).toBe(6);
    expect(crashesAfter(5, 10 * 60_000)).toBe(1);
    const pod = podObject('p', { containers: [{ name: 'a', image: 'i' }] });
    const records = recordsOf(pod, NOW);
    run(records[0]);
    end(records[0], 1);
    run(records[0]);
    end(records[0], 1);
    expect(planPod(pod, records, NOW)).toMatchObject({ start: [], wakeAt: NOW + 10_000 });
    expect(planPod(pod, records, NOW + 10_000).start).toHaveLength(1);
  });

  it('do not include init containers that an earlier run of the node saw succeed', () => {
    const pod = podObject('p', {
      initContainers: [{ name: 'first', image: 'i' }],
      containers: [{ name: 'a', image: 'i' }],
    });
    const common = { ready: true, restartCount: 0, image: 'i', imageID: 'i' };
    pod.status = {
      initContainerStatuses: [{ ...common, name: 'first', state: { terminated: { exitCode: 0 } } }],
      containerStatuses: [
        { ...common, name: 'a', state: { running: { startedAt: '2025-12-31T00:00:00Z' } } },
      ],
    };
    const records = recordsOf(pod, NOW);
    expect(names(planPod(pod, records, NOW).start)).toEqual(['a']);
    expect(records[1]?.exits[0]).toMatchObject({ exitCode: 137, reason: 'ContainerStatusUnknown' });
  });
});

describe("a pod's status", () => {
  const facts = (records: ContainerRecord[], more = {}) => ({
    records,
    podIP: '127.64.0.1',
    hostIP: '127.0.0.1',
    startTime: NOW,
    mounted: true,
    stopped: false,
    ...more,
  });

  it('goes from Pending over Running to its end, with the conditions of each', () => {
    const pod = podObject('p', {
      restartPolicy: 'Never',
      initContainers: [{ name: 'i', image: 'i' }],
      containers: [{ name: 'a', image: 'i' }],
    });
    const records = recordsOf(pod, NOW);
    const summary = () => {
      const { phase, conditions = [] } = podStatus(pod, facts(records), NOW);
      const value = (type: string) => conditions.find((each) => each.type === type)?.status;
      return [phase, value('Initialized'), value('ContainersReady'), value('Ready')].join(' ');
    };
    expect(summary()).toBe('Pending False False False');
    end(records[0], 0);
    expect(summary()).toBe('Pending True False False');
    run(records[1], false);
    expect(summary()).toBe('Running True False False');
    run(records[1]);
    expect(summary()).toBe('Running True True True');
    end(records[1], 1);
    expect(summary()).toBe('Failed True False False');
  });

  it('names the containers that hold it up and why they wait', () => {
    const pod = podObject('p', spec);
    const status = podStatus(pod, facts(recordsOf(pod, NOW)), NOW);
    expect(status.conditions?.find(({ type }) => type === 'Initialized')?.message).toBe(
      'containers with incomplete status: [first side]',
    );
    expect(status.containerStatuses?.[0]?.state).toEqual({ waiting: { reason: 'PodInitializing' } });
    expect(status.initContainerStatuses?.[0]?.state).toEqual({ waiting: { reason: 'ContainerCreating' } });
  });

  it('keeps the time of a condition that did not change, and the conditions of others', () => {
    const pod = podObject('p', {
      containers: [{ name: 'a', image: 'i' }],
      readinessGates: [{ conditionType: 'x/gate' }],
    });
    const gate = { type: 'x/gate', status: 'False' as const };
    pod.status = { conditions: [gate] };
    const records = recordsOf(pod, NOW);
    run(records[0]);
    const first = podStatus(pod, facts(records), NOW);
    const later = podStatus(pod, facts(records, { reported: first.conditions }), NOW + 5000);
    expect(later.conditions).toEqual(first.conditions);
    expect(later.conditions?.at(-1)).toEqual(gate);
    expect(later.conditions?.find(({ type }) => type === 'Ready')?.reason).toBe('ReadinessGatesNotReady');
  });
});

describe('pod addresses', () => {
  it('are given once each, kept over a restart and given again late', () => {
    const pool = new AddressPool('127.64.0.0/29');
    pool.reserve('kept', '127.64.0.2');
    expect(['a', 'b', 'a'].map((uid) => pool.of(uid))).toEqual(['127.64.0.1', '127.64.0.3', '127.64.0.1']);
    pool.release('a');
    expect(['c', 'd', 'e', 'f'].map((uid) => pool.of(uid))).toEqual([
      '127.64.0.4',
      '127.64.0.5',
      '127.64.0.6',
      '127.64.0.1',
    ]);
    expect(() => pool.of('g')).toThrow('every pod address is taken');
    expect(() => new AddressPool('127.64.0.0')).toThrow('not an IPv4 range');
  });
});

describe('the scheduler', () => {
  const node: Node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'local', labels: { 'kubernetes.io/os': 'linux', zone: 'a' } },
    spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] },
  };
  const tolerations = [{ key: 'gpu', operator: 'Exists' }];
  const podWith = (more: Partial<Pod['spec']>) => podObject('p', { tolerations, containers: [], ...more });
  const neighbour = podObject('q', { containers: [], nodeName: 'local' });
  const apart = (app: string) => [{ labelSelector: { matchLabels: { app } }, topologyKey: 'zone' }];
  const required = <T>(terms: T) => ({ requiredDuringSchedulingIgnoredDuringExecution: terms });
  const expression = (key: string, operator: string, values: string[]) => ({
    matchExpressions: [{ key, operator, values }],
  });

  it.each<[string, Partial<Pod['spec']>, string | undefined]>([
    ['nothing asked', {}, undefined],
    ['a taint not tolerated', { tolerations: [] }, 'node(s) had untolerated taint {gpu: }'],
    ['a label it has', { nodeSelector: { zone: 'a' } }, undefined],
    [
      'a label it has not',
      { nodeSelector: { zone: 'b' } },
      "node(s) didn't match Pod's node affinity/selector",
    ],
    [
      'an affinity it meets',
      { affinity: { nodeAffinity: required({ nodeSelectorTerms: [expression('zone', 'In', ['a', 'b'])] }) } },
      undefined,
    ],
    [
      'an affinity it does not meet',
      { affinity: { nodeAffinity: required({ nodeSelectorTerms: [expression('zone', 'NotIn', ['a'])] }) } },
      "node(s) didn't match Pod's node affinity/selector",
    ],
    [
      'a neighbour it must not have',
      { affinity: { podAntiAffinity: required(apart('q')) } },
      "node(s) didn't match pod anti-affinity rules",
    ],
    ['a neighbour it must have', { affinity: { podAffinity: required(apart('q')) } }, undefined],
    [
      'a neighbour that is not there',
      { affinity: { podAffinity: required(apart('z')) } },
      "node(s) didn't match pod affinity rules",
    ],
  ])('with %s', (_what, podSpec, reason) => {
    expect(misfit(podWith(podSpec), node, [neighbour])).toBe(reason);
  });
});

describe('more requests than the machine has', () => {
  it('are told in one sentence, and fitting ones not at all', () => {
    const requests = { cpu: '2', memory: '4Gi' };
    const pod = podObject('p', { containers: [{ name: 'a', image: 'i', resources: { requests } }] });
    const capacity = { cpu: 2, memory: 8 * 2 ** 30 };
    expect(overcommitment([pod], capacity)).toBeUndefined();
    expect(overcommitment([pod, pod], capacity)).toMatch(
      /request 4 CPU and 8.0Gi of memory, more than the 2 CPU/,
    );
  });
});

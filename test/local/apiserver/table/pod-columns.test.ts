import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '../../../../src/kube/index.js';
import { builtinColumns } from '../../../../src/local/apiserver/table/index.js';

const NOW = Date.parse('2021-01-01T01:00:00Z');

/** Ready, Status and Restarts of a pod. */
function shown(spec: object, status: object, metadata: object = {}): unknown[] {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', ...metadata },
    spec,
    status,
  } as KubeObject;
  return builtinColumns('Pod')
    .filter(({ definition }) => ['Ready', 'Status', 'Restarts'].includes(definition.name))
    .map((column) => column.cell(pod, NOW));
}

const ONE = { containers: [{ name: 'web' }] };
const TWO = { containers: [{ name: 'web' }, { name: 'side' }] };
const running = (rest: object = {}) => ({ ready: true, restartCount: 0, state: { running: {} }, ...rest });
const terminated = (state: object) => ({ ready: false, restartCount: 0, state: { terminated: state } });
const waiting = (reason: string, restartCount = 0) => ({
  ready: false,
  restartCount,
  state: { waiting: { reason } },
});
const ended = (finishedAt: string) => ({ lastState: { terminated: { exitCode: 1, finishedAt } } });
const READY = { conditions: [{ type: 'Ready', status: 'True' }] };

describe('a pod in `kubectl get pods`', () => {
  it.each([
    ['waits for a node', ONE, { phase: 'Pending' }, ['0/1', 'Pending', 0]],
    [
      'is held by a gate',
      ONE,
      {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
      },
      ['0/1', 'SchedulingGated', 0],
    ],
    ['runs', TWO, { phase: 'Running', containerStatuses: [running(), running()] }, ['2/2', 'Running', 0]],
    [
      'has no image',
      ONE,
      { phase: 'Pending', containerStatuses: [waiting('ImagePullBackOff')] },
      ['0/1', 'ImagePullBackOff', 0],
    ],
    [
      'crashes in a loop',
      ONE,
      {
        phase: 'Running',
        containerStatuses: [{ ...waiting('CrashLoopBackOff', 3), ...ended('2021-01-01T00:55:00Z') }],
      },
      ['0/1', 'CrashLoopBackOff', '3 (5m ago)'],
    ],
    [
      'restarted at a time nobody knows',
      ONE,
      { phase: 'Running', containerStatuses: [running({ restartCount: 2 })] },
      ['1/1', 'Running', 2],
    ],
    [
      'ended by itself',
      ONE,
      { phase: 'Succeeded', containerStatuses: [terminated({ exitCode: 0, reason: 'Completed' })] },
      ['0/1', 'Completed', 0],
    ],
    [
      'ended without a reason',
      ONE,
      { phase: 'Failed', containerStatuses: [terminated({ exitCode: 3 })] },
      ['0/1', 'ExitCode:3', 0],
    ],
    [
      'was killed by a signal',
      ONE,
      { phase: 'Failed', containerStatuses: [terminated({ exitCode: 137, signal: 9 })] },
      ['0/1', 'Signal:9', 0],
    ],
    [
      'runs on though one container is done',
      TWO,
      {
        phase: 'Running',
        ...READY,
        containerStatuses: [terminated({ exitCode: 0, reason: 'Completed' }), running()],
      },
      ['1/2', 'Running', 0],
    ],
    [
      'is not ready though one container runs',
      TWO,
      { phase: 'Running', containerStatuses: [terminated({ exitCode: 0, reason: 'Completed' }), running()] },
      ['1/2', 'NotReady', 0],
    ],
    ['was evicted', ONE, { phase: 'Failed', reason: 'Evicted' }, ['0/1', 'Evicted', 0]],
  ])('%s', (_name, spec, status, cells) => {
    expect(shown(spec, status)).toEqual(cells);
  });

  const withInit = { ...ONE, initContainers: [{ name: 'fetch' }, { name: 'check' }] };

  it.each([
    ['initialises', [running({ ready: false })], 'Init:0/2'],
    ['has initialised in part', [terminated({ exitCode: 0 }), running({ ready: false })], 'Init:1/2'],
    ['failed to initialise', [terminated({ exitCode: 1, reason: 'Error' })], 'Init:Error'],
    ['failed to initialise without a reason', [terminated({ exitCode: 2 })], 'Init:ExitCode:2'],
    ['waits to initialise', [waiting('ImagePullBackOff')], 'Init:ImagePullBackOff'],
  ])('%s', (_name, initContainerStatuses, status) => {
    expect(shown(withInit, { phase: 'Pending', initContainerStatuses })).toEqual(['0/1', status, 0]);
  });

  it('counts a sidecar that has started among its containers', () => {
    const spec = { ...ONE, initContainers: [{ name: 'proxy', restartPolicy: 'Always' }] };
    const status = {
      phase: 'Running',
      initContainerStatuses: [running({ name: 'proxy', started: true, restartCount: 1 })],
      containerStatuses: [running()],
    };
    expect(shown(spec, status)).toEqual(['2/2', 'Running', 1]);
  });

  it('is terminating once it is deleted, unless it has ended, or its node is lost', () => {
    const deleted = { deletionTimestamp: '2021-01-01T00:00:00Z' };
    const up = { containerStatuses: [running()] };
    expect(shown(ONE, { phase: 'Running', ...up }, deleted)).toEqual(['1/1', 'Terminating', 0]);
    expect(shown(ONE, { phase: 'Running', reason: 'NodeLost', ...up }, deleted)[1]).toBe('Unknown');
    expect(shown(ONE, { phase: 'Succeeded' }, deleted)[1]).toBe('Succeeded');
  });
});

import { describe, expect, it } from '@jest/globals';
import { endpointsWrite } from '../../../src/local/controllers/endpoints/controller.js';
import { endpointSubsets, selectedPods } from '../../../src/local/controllers/endpoints/endpoints.js';
import { planSlices } from '../../../src/local/controllers/endpoints/sliceController.js';
import { sliceContents } from '../../../src/local/controllers/endpoints/slices.js';
import { TriggerTimes } from '../../../src/local/controllers/endpoints/triggerTimes.js';
import type { Endpoints, EndpointSlice, Service } from '../../../src/local/objects/index.js';
import { podOf } from './builders.js';

function serviceOf(spec: Partial<Service['spec']> = {}): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default', uid: 's-1', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: {
      clusterIP: '127.96.0.1',
      selector: { app: 'web' },
      ports: [
        { name: 'http', port: 80, targetPort: 'http' },
        { name: 'raw', port: 81, targetPort: 8081 },
      ],
      ...spec,
    },
  };
}

describe('Endpoints', () => {
  it('part ready from unready addresses and order ports as the server does', () => {
    const pods = [podOf('b', { ip: '10.0.0.2', ready: false }), podOf('a', { ip: '10.0.0.1' }), podOf('c')];
    const [subset, ...rest] = endpointSubsets(serviceOf(), pods);
    expect(rest).toEqual([]);
    expect(subset?.addresses?.map(({ ip }) => ip)).toEqual(['10.0.0.1']);
    expect(subset?.notReadyAddresses?.map(({ ip }) => ip)).toEqual(['10.0.0.2']);
    expect(subset?.ports).toEqual([
      { name: 'raw', port: 8081, protocol: 'TCP' },
      { name: 'http', port: 8080, protocol: 'TCP' },
    ]);
  });

  it('leave out pods that have ended or are ending, unless unready ones are to be published', () => {
    const pods = [podOf('a', { phase: 'Failed' }), podOf('b', { deleting: true })];
    expect(selectedPods(serviceOf(), pods)).toEqual([]);
    const all = selectedPods(serviceOf({ publishNotReadyAddresses: true }), pods);
    expect(all.map(({ metadata }) => metadata.name)).toEqual(['b']);
  });

  it('are not written again when only a version of a pod changed', () => {
    const service = serviceOf();
    const pod = podOf('a', { ip: '10.0.0.1' });
    const first = endpointsWrite(service, undefined, endpointSubsets(service, [pod]), () => undefined);
    expect(first?.verb).toBe('create');
    const current = (first as unknown as { object: Endpoints }).object;
    const newer = { ...pod, metadata: { ...pod.metadata, resourceVersion: '2' } };
    expect(
      endpointsWrite(service, current, endpointSubsets(service, [newer]), () => undefined),
    ).toBeUndefined();
    expect(endpointsWrite(service, current, [], () => undefined)?.verb).toBe('update');
  });

  it('tell when their change began: of what changed since the last time, the oldest', () => {
    const times = new TriggerTimes();
    const pod = podOf('a', { readySince: '2026-01-02T00:00:00Z' });
    expect(times.next('k', serviceOf(), [])).toBe('2026-01-01T00:00:00Z');
    expect(times.next('k', serviceOf(), [pod])).toBe('2026-01-02T00:00:00Z');
    expect(times.next('k', serviceOf(), [pod])).toBeUndefined();
  });
});

describe('EndpointSlices', () => {
  it('keep a terminating pod as serving but not ready', () => {
    const [content] = sliceContents(serviceOf(), [podOf('a', { ip: '10.0.0.1', deleting: true })]);
    expect(content?.endpoints[0]?.conditions).toEqual({ ready: false, serving: true, terminating: true });
  });

  it('hold at most a hundred endpoints each', () => {
    const pods = Array.from({ length: 150 }, (_, index) => podOf(`p${index}`, { ip: `10.0.0.${index}` }));
    expect(sliceContents(serviceOf(), pods).map(({ endpoints }) => endpoints.length)).toEqual([100, 50]);
  });

  it('exist, empty, for a service without pods', () => {
    expect(sliceContents(serviceOf(), [])).toEqual([{ ports: [], endpoints: [] }]);
  });

  it('are updated in place, made when more are needed, and deleted when not', () => {
    const service = serviceOf();
    const contents = sliceContents(service, [podOf('a', { ip: '10.0.0.1' })]);
    const plan = planSlices(service, [], contents);
    expect(plan.create[0]?.metadata).toMatchObject({
      generateName: 'web-',
      labels: {
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        'kubernetes.io/service-name': 'web',
      },
    });
    const named = (name: string): EndpointSlice => {
      const [made] = plan.create;
      if (made === undefined) throw new Error('nothing was made');
      return { ...made, metadata: { ...made.metadata, name } };
    };
    expect(planSlices(service, [named('x')], contents)).toEqual({ create: [], update: [], remove: [] });
    const changed = planSlices(service, [named('x'), named('y')], sliceContents(service, []));
    expect(changed.update.map(({ metadata }) => metadata.name)).toEqual(['x']);
    expect(changed.remove.map(({ metadata }) => metadata.name)).toEqual(['y']);
  });
});

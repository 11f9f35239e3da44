import fc from 'fast-check';
import { defaultServingSettings, resourcesOf, servingSettings, withDefaults } from '../../src/api/index.js';
import type { ModelDeployment } from '../../src/api/index.js';
import { parseQuantity } from '../../src/base/index.js';
import { manifest } from '../support/modelDeployments.js';

describe('the defaults', () => {
  test('are those of the CRD, parents before children', () => {
    const { spec } = withDefaults(
      manifest({ spec: { autoscaling: { maxReplicas: 3 } } }) as unknown as ModelDeployment,
    );
    expect(spec.source).toEqual({ image: {} });
    expect(spec.serving.batching).toEqual({ enabled: true, maxRows: 256 });
    expect(spec.cache).toEqual({ enabled: true, ttlSeconds: 300, maxBytes: '64Mi' });
    expect(spec.autoscaling).toEqual({ minReplicas: 1, maxReplicas: 3, metrics: { cpuPercent: 70 } });
    expect(spec.replicas).toBeUndefined();
  });

  test('are filled in once: a second time changes nothing', () => {
    const once = withDefaults(manifest() as unknown as ModelDeployment);
    expect(withDefaults(once)).toEqual(once);
  });

  test('keep what was declared', () => {
    const { spec } = withDefaults(
      manifest({
        spec: { source: { pvc: { claimName: 'a' } }, cache: { enabled: false } },
      }) as unknown as ModelDeployment,
    );
    expect(spec.source).toEqual({ pvc: { claimName: 'a' } });
    expect(spec.cache.enabled).toBe(false);
  });
});

describe('the resources of a pod', () => {
  test('are 2 of 4 CPU and 4 of 8Gi', () => {
    expect(resourcesOf(undefined)).toEqual({
      requests: { cpu: '2', memory: '4Gi' },
      limits: { cpu: '4', memory: '8Gi' },
    });
  });

  test('let a default give way to what is declared', () => {
    expect(resourcesOf({ limits: { cpu: 1 }, requests: { memory: '16Gi' } })).toEqual({
      requests: { cpu: '1', memory: '16Gi' },
      limits: { cpu: '1', memory: '16Gi' },
    });
  });

  test('never request more than the limit, whichever of the two is declared', () => {
    const quantity = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constantFrom('500m', '3', '1Gi', '20Gi'));
    const list = fc.dictionary(fc.constantFrom('cpu', 'memory', 'nvidia.com/gpu'), quantity);
    fc.assert(
      fc.property(fc.oneof(fc.record({ limits: list }), fc.record({ requests: list })), (declared) => {
        const { requests, limits } = resourcesOf(declared);
        for (const [name, request] of Object.entries(requests)) {
          const limit = limits[name];
          if (limit !== undefined)
            expect(parseQuantity(request)).toBeLessThanOrEqual(parseQuantity(limit) ?? 0);
        }
        expect(limits).toMatchObject(stringValues('limits' in declared ? declared.limits : {}));
        expect(requests).toMatchObject(stringValues('requests' in declared ? declared.requests : {}));
      }),
    );
  });
});

function stringValues(values: Record<string, string | number>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

describe('a server without a configuration', () => {
  test('does what the pods of a spec that says nothing of serving do', () => {
    const { spec } = withDefaults(manifest() as unknown as ModelDeployment);
    const { serving, cache } = spec;
    expect(defaultServingSettings()).toEqual(servingSettings({ serving, cache }));
    expect(defaultServingSettings()).toMatchObject({
      features: [],
      timeoutMs: 10_000,
      cache: { enabled: true, maxBytes: 64 * 2 ** 20 },
    });
  });
});

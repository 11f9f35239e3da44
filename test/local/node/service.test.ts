import { describe, expect, it } from '@jest/globals';
import { backendsOf } from '../../../src/local/node/service/backends.js';
import { Balancer } from '../../../src/local/node/service/balancer.js';
import type { EndpointSlice, Service } from '../../../src/local/objects/index.js';

const a = { host: '127.64.0.1', port: 8080 };
const b = { host: '127.64.0.2', port: 8080 };
const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { ports: [{ name: 'http', port: 80 }] },
};

function sliceOf(endpoints: EndpointSlice['endpoints'], name = 'web'): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 's', labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080 }],
    endpoints,
  };
}

describe("a service's backends", () => {
  const port = { name: 'http', port: 80 };
  const endpoint = (host: string, conditions: object) => ({ addresses: [host], conditions });

  it('are the ready endpoints of its own slices', () => {
    const slices = [
      sliceOf([endpoint(a.host, { ready: true }), endpoint(b.host, { ready: false })]),
      sliceOf([endpoint('127.64.0.9', { ready: true })], 'other'),
    ];
    expect(backendsOf(service, port, slices)).toEqual([a]);
    expect(backendsOf(service, { name: 'admin', port: 81 }, slices)).toEqual([]);
  });

  it('are those still serving while they end, when none is ready', () => {
    const ending = { ready: false, serving: true, terminating: true };
    expect(backendsOf(service, port, [sliceOf([endpoint(a.host, ending)])])).toEqual([a]);
    expect(backendsOf(service, port, [sliceOf([endpoint(a.host, ending), endpoint(b.host, {})])])).toEqual([
      b,
    ]);
  });
});

describe('the balancer', () => {
  it('takes the backend with the fewest connections, in turn among equals', () => {
    const balancer = new Balancer();
    balancer.update([a, b], undefined);
    const first = balancer.order('c', 0)[0] ?? a;
    const second = balancer.order('c', 0)[0];
    expect(second).not.toEqual(first);
    const release = balancer.connected('c', a, 0);
    expect([balancer.order('c', 0)[0], balancer.order('c', 0)[0]]).toEqual([b, b]);
    release();
    expect(new Set([balancer.order('c', 0)[0], balancer.order('c', 0)[0]]).size).toBe(2);
  });

  it('leads a client back to its backend for as long as affinity says', () => {
    const balancer = new Balancer();
    balancer.update([a, b], { timeoutMs: 1000 });
    balancer.connected('c', b, 0);
    expect([1, 2, 999].map((now) => balancer.order('c', now)[0])).toEqual([b, b, b]);
    expect(balancer.order('c', 1000)[0]).toEqual(a);
  });

  it('has nothing to offer without backends', () => {
    expect(new Balancer().order('c', 0)).toEqual([]);
  });
});

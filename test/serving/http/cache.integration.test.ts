/** What a client sees of the cache. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { linearAnswer, linearModel } from '../../support/onnxModel.js';
import { serveModels, type TestServer } from '../../support/serving.js';

let server: TestServer;
beforeAll(async () => {
  server = await serveModels(
    { 'linear/1': linearModel(4), 'linear/2': linearModel(4, 2) },
    { config: { cache: { enabled: true, ttlSeconds: 60, maxBytes: 1 << 20 } } },
  );
});
afterAll(() => server.stop());

interface Seen {
  readonly status: string | null;
  readonly age: string | null;
  readonly body: {
    readonly id?: string;
    readonly model_version?: string;
    readonly outputs?: { data: number[] }[];
  };
}

async function ask(
  row: readonly number[],
  options: { id?: string; version?: string; headers?: Record<string, string> } = {},
): Promise<Seen> {
  const { id, version = '1', headers = {} } = options;
  const body = JSON.stringify({ id, inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 4], data: row }] });
  const response = await fetch(`${server.url}/v2/models/linear/versions/${version}/infer`, {
    method: 'POST',
    body,
    headers,
  });
  return {
    status: response.headers.get('cache-status'),
    age: response.headers.get('age'),
    body: (await response.json()) as Seen['body'],
  };
}

describe('the cache over HTTP', () => {
  it('tells a miss, then hits with the same answer and its age', async () => {
    const miss = await ask([1, 1, 1, 1]);
    expect([miss.status, miss.age]).toEqual(['gantry; fwd=miss; stored', null]);
    for (let i = 0; i < 3; i++) {
      const hit = await ask([1, 1, 1, 1]);
      expect(hit.status).toMatch(/^gantry; hit; ttl=(59|60); detail=memory$/);
      expect(hit.age).toMatch(/^[01]$/);
      expect(hit.body).toEqual(miss.body);
    }
  });

  it('forgets what it remembers byte by byte once somebody has had it computed afresh', async () => {
    const before = await ask([9, 1, 1, 1]);
    await ask([9, 1, 1, 1]);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const refresh = await ask([9, 1, 1, 1], { headers: { 'cache-control': 'no-cache' } });
    expect(refresh.status).toBe('gantry; fwd=request; stored');
    for (let i = 0; i < 3; i++) {
      const after = await ask([9, 1, 1, 1]);
      expect(after.status).toMatch(/^gantry; hit; ttl=(59|60);/);
      expect(after.age).toBe('0');
      expect(after.body).toEqual(before.body);
    }
  });

  it('hits whatever the id, and answers with the id asked for', async () => {
    await ask([2, 1, 1, 1], { id: 'a' });
    for (const id of ['b', 'c', 'b']) {
      const hit = await ask([2, 1, 1, 1], { id });
      expect(hit.status).toContain('hit');
      expect(hit.body).toMatchObject({ id, outputs: [{ data: linearAnswer([2, 1, 1, 1]) }] });
    }
  });

  it('keeps versions apart', async () => {
    await ask([3, 1, 1, 1]);
    const other = await ask([3, 1, 1, 1], { version: '2' });
    expect(other.status).toContain('fwd=miss');
    expect(other.body).toMatchObject({
      model_version: '2',
      outputs: [{ data: linearAnswer([3, 1, 1, 1], 2) }],
    });
  });

  it('does what the request says about it', async () => {
    const withHeader = (value: string) => ask([4, 1, 1, 1], { headers: { 'cache-control': value } });
    expect((await withHeader('no-store')).status).toBe('gantry; fwd=request');
    expect((await withHeader('no-cache')).status).toBe('gantry; fwd=request; stored');
    expect((await withHeader('max-age=30')).status).toContain('hit');
    expect((await ask([4, 1, 1, 1])).status).toContain('hit');
  });

  it('stores no error', async () => {
    const bad = () =>
      fetch(`${server.url}/v2/models/linear/infer`, { method: 'POST', body: '{"inputs":[]}' });
    expect([(await bad()).status, (await bad()).status]).toEqual([400, 400]);
    expect((await bad()).headers.get('cache-status')).toBeNull();
  });
});

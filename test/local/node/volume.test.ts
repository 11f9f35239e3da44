import { lstat, mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Sources } from '../../../src/local/node/container/environment.js';
import { writePayload } from '../../../src/local/node/volume/atomicWriter.js';
import { type Payload, volumePayload } from '../../../src/local/node/volume/payload.js';
import { mountFolder, mountVolumes } from '../../../src/local/node/volume/volumes.js';
import type { Volume } from '../../../src/local/objects/index.js';
import { podObject } from './cluster.js';

const sources: Sources = {
  configMap: (name) =>
    name === 'c'
      ? {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name },
          data: { a: '1', b: '2' },
          binaryData: { z: 'AAE=' },
        }
      : undefined,
  secret: (name) =>
    name === 's'
      ? { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: { key: btoa('hush') } }
      : undefined,
  services: () => [],
  capacity: { cpu: 1, memory: 1 },
};
const pod = podObject('p', { containers: [] }, { traffic: 'half' });
const textsOf = (volume: Volume) => {
  const payload = volumePayload(pod, volume, sources);
  if (!payload.ok) return payload.error;
  return Object.fromEntries([...payload.value].map(([path, { bytes }]) => [path, bytes.toString('latin1')]));
};

describe("a volume's content", () => {
  it('is every key of its source, or the chosen ones under their paths', () => {
    expect(textsOf({ name: 'v', configMap: { name: 'c' } })).toEqual({ a: '1', b: '2', z: '\0\x01' });
    const items = [{ key: 'a', path: 'dir/x' }];
    expect(textsOf({ name: 'v', configMap: { name: 'c', items } })).toEqual({ 'dir/x': '1' });
  });

  it('comes together from several sources in a projected volume', () => {
    const downward = { items: [{ path: 't', fieldRef: { fieldPath: "metadata.annotations['traffic']" } }] };
    const projections = [
      { secret: { name: 's' } },
      { downwardAPI: downward },
      { configMap: { name: 'x', optional: true } },
    ];
    expect(textsOf({ name: 'v', projected: { sources: projections } })).toEqual({ key: 'hush', t: 'half' });
  });

  it.each<[Volume, string]>([
    [{ name: 'v', configMap: { name: 'x' } }, 'configmap "x" not found'],
    [
      { name: 'v', secret: { secretName: 's', items: [{ key: 'k', path: 'p' }] } },
      'references non-existent secret key: k (default/s)',
    ],
    [
      { name: 'v', configMap: { name: 'c', items: [{ key: 'a', path: '../x' }] } },
      'invalid path in the volume: ../x',
    ],
  ])('cannot be made of %j', (volume, error) => {
    expect(textsOf(volume)).toBe(error);
  });
});

describe('writing a payload', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gantry-volume-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  const payload = (files: Record<string, string>, mode = 0o644): Payload =>
    new Map(Object.entries(files).map(([path, text]) => [path, { bytes: Buffer.from(text), mode }]));
  const visible = async () => (await readdir(folder)).filter((name) => !name.startsWith('..')).sort();

  it('swaps all files at once through one link, and takes away what is gone', async () => {
    expect(await writePayload(folder, payload({ a: '1', 'dir/b': '2' }))).toBe(true);
    const before = await readlink(join(folder, '..data'));
    expect(await visible()).toEqual(['a', 'dir']);
    expect((await lstat(join(folder, 'a'))).isSymbolicLink()).toBe(true);
    expect(await writePayload(folder, payload({ a: '3' }, 0o400))).toBe(true);
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('3');
    expect((await stat(join(folder, 'a'))).mode & 0o777).toBe(0o400);
    expect(await visible()).toEqual(['a']);
    expect(await readdir(folder)).not.toContain(before);
  });

  it('touches nothing when the content is the same', async () => {
    await writePayload(folder, payload({ a: '1' }));
    const before = await readlink(join(folder, '..data'));
    expect(await writePayload(folder, payload({ a: '1' }))).toBe(false);
    expect(await readlink(join(folder, '..data'))).toBe(before);
  });

  it('is part of mounting; other kinds of volumes are made or refused', async () => {
    const volumes: Volume[] = [
      { name: 'e', emptyDir: {} },
      { name: 'c', configMap: { name: 'c' } },
    ];
    const ok = podObject('p', { containers: [], volumes });
    expect(await mountVolumes(folder, ok, sources)).toEqual({ ok: true, value: undefined });
    const mounted = mountFolder(folder, ok, { name: 'c', mountPath: '/etc/c', subPath: 'a' });
    expect(await readFile(mounted, 'utf8')).toBe('1');
    const claimed = podObject('p', {
      containers: [],
      volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'x' } }],
    });
    const refused = await mountVolumes(folder, claimed, sources);
    expect(refused.ok ? '' : refused.error.message).toMatch(
      /^MountVolume.SetUp failed for volume "d" : this node does not mount volumes of type persistentVolumeClaim/,
    );
  });
});

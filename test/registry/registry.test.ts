import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findVersion, listVersions, verifyVersion, versionFolder } from '../../src/registry/index.js';
import { addVersion, temporaryRegistry } from '../support/modelFolder.js';

describe('a registry of model versions', () => {
  test('lists versions by stage, then name, then version as people count', async () => {
    const root = temporaryRegistry();
    for (const version of ['10', '2', '1']) addVersion(root, 'production', 'volatility', version);
    addVersion(root, 'staging', 'digits', '1');
    const listed = (await listVersions(root)).map((v) => `${v.stage}/${v.name}/${v.version}`);
    expect(listed).toEqual([
      'production/volatility/1',
      'production/volatility/2',
      'production/volatility/10',
      'staging/digits/1',
    ]);
  });

  test('finds a version in production before staging and archive', async () => {
    const root = temporaryRegistry();
    addVersion(root, 'archive', 'm', '1', 'old');
    addVersion(root, 'production', 'm', '1', 'new');
    const found = await findVersion(root, 'm', '1');
    expect(found.ok && found.value.stage).toBe('production');
  });

  test('names the versions there are when the one asked for is not', async () => {
    const root = temporaryRegistry();
    addVersion(root, 'staging', 'm', '2');
    const found = await findVersion(root, 'm', '9');
    expect(found).toEqual({
      ok: false,
      error: expect.objectContaining({ code: 'ModelNotFound', place: 'm/9', remedy: 'there is 2 (staging)' }),
    });
  });

  test.each([
    ['..', '1'],
    ['a/b', '1'],
    ['A', '1'],
    ['', '1'],
  ])('refuses the name %p', (name, version) => {
    expect(versionFolder('/models', 'production', name, version)).toMatchObject({
      ok: false,
      error: { code: 'InvalidName' },
    });
  });

  test.each(['..', '../1', '1/2', '', '.', 'a..b'])('refuses the version %p', (version) => {
    expect(versionFolder('/models', 'production', 'm', version)).toMatchObject({
      ok: false,
      error: { code: 'InvalidVersion' },
    });
  });

  test('verifies bytes against the metadata and against what was declared', async () => {
    const root = temporaryRegistry();
    const { digest } = addVersion(root, 'production', 'm', '1');
    const found = await findVersion(root, 'm', '1');
    if (!found.ok) throw new Error('expected to find it');
    expect(await verifyVersion(found.value, digest)).toMatchObject({ ok: true, value: { digest } });
    expect(await verifyVersion(found.value, `sha256:${'0'.repeat(64)}`)).toMatchObject({
      ok: false,
      error: { code: 'DigestMismatch', place: found.value.modelFile },
    });
    writeFileSync(found.value.modelFile, 'tampered');
    expect(await verifyVersion(found.value)).toMatchObject({ ok: false, error: { code: 'DigestMismatch' } });
  });

  test('names the field of a model.json that is wrong', async () => {
    const root = temporaryRegistry();
    const { folder } = addVersion(root, 'production', 'm', '1');
    const file = path.join(folder, 'model.json');
    const metadata = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    writeFileSync(file, JSON.stringify({ ...metadata, digest: 'sha256:short' }));
    const found = await findVersion(root, 'm', '1');
    if (!found.ok) throw new Error('expected to find it');
    expect(await verifyVersion(found.value)).toMatchObject({
      ok: false,
      error: { code: 'InvalidMetadata', place: `${file}: digest` },
    });
  });
});

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {
  findBackup,
  listBackups,
  listVersions,
  promoteVersion,
  restoreVersion,
  type Stage,
  STAGES,
} from '../../src/registry/index.js';
import { addVersion, temporaryRegistry } from '../support/modelFolder.js';

const staged = async (root: string) => (await listVersions(root)).map((v) => `${v.stage}/${v.version}`);

describe('promotion', () => {
  test('moves the version, archives what production held and keeps a verified backup of it', async () => {
    const root = temporaryRegistry();
    addVersion(root, 'production', 'm', '1', 'one');
    addVersion(root, 'staging', 'm', '2', 'two');
    const result = await promoteVersion(root, { name: 'm', version: '2', from: 'staging', to: 'production' });
    expect(result).toMatchObject({
      ok: true,
      value: { promoted: { stage: 'production' }, archived: [{ version: '1' }] },
    });
    expect(await staged(root)).toEqual(['production/2', 'archive/1']);
    const [backup] = await listBackups(root, 'm');
    expect(readFileSync(path.join(root, 'backup', 'm', backup!, 'model.onnx'), 'utf8')).toBe('one');
  });

  test('changes nothing when the bytes are not the declared ones', async () => {
    const root = temporaryRegistry();
    addVersion(root, 'production', 'm', '1');
    const { folder } = addVersion(root, 'staging', 'm', '2');
    writeFileSync(path.join(folder, 'model.onnx'), 'tampered');
    const result = await promoteVersion(root, { name: 'm', version: '2', from: 'staging', to: 'production' });
    expect(result).toMatchObject({ ok: false, error: { code: 'DigestMismatch' } });
    expect(await staged(root)).toEqual(['production/1', 'staging/2']);
    expect(existsSync(path.join(root, 'backup'))).toBe(false);
  });

  test('never replaces the bytes of a version that a stage holds', async () => {
    const root = temporaryRegistry();
    addVersion(root, 'production', 'm', '2', 'first bytes');
    addVersion(root, 'staging', 'm', '2', 'other bytes');
    const result = await promoteVersion(root, { name: 'm', version: '2', from: 'staging', to: 'production' });
    expect(result).toMatchObject({ ok: false, error: { code: 'VersionImmutable' } });
    expect(readFileSync(path.join(root, 'production/m/2/model.onnx'), 'utf8')).toBe('first bytes');
  });

  test('finishes a promotion that a crash left half done', async () => {
    const root = temporaryRegistry();
    addVersion(root, 'production', 'm', '1', 'one');
    addVersion(root, 'production', 'm', '2', 'two'); // copied, but the source was not removed yet
    addVersion(root, 'staging', 'm', '2', 'two');
    const result = await promoteVersion(root, { name: 'm', version: '2', from: 'staging', to: 'production' });
    expect(result.ok).toBe(true);
    expect(await staged(root)).toEqual(['production/2', 'archive/1']);
  });

  test('restores a version from its backup', async () => {
    const root = temporaryRegistry();
    const { digest } = addVersion(root, 'production', 'm', '1', 'one');
    addVersion(root, 'staging', 'm', '2', 'two');
    await promoteVersion(root, { name: 'm', version: '2', from: 'staging', to: 'production' });
    const backup = await findBackup(root, 'staging', { name: 'm', version: '1', digest });
    if (!backup.ok) throw new Error(backup.error.message);
    const restored = await restoreVersion(root, backup.value);
    expect(restored).toMatchObject({ ok: true, value: { stage: 'staging', digest } });
  });

  test('no sequence of promotions loses a version or changes its bytes', async () => {
    const move = fc.record({
      version: fc.constantFrom('1', '2', '3'),
      from: fc.constantFrom<Stage>(...STAGES),
      to: fc.constantFrom<Stage>(...STAGES),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 6 }), async (moves) => {
        const root = temporaryRegistry();
        for (const version of ['1', '2', '3']) addVersion(root, 'staging', 'm', version, `bytes ${version}`);
        for (const { version, from, to } of moves) {
          await promoteVersion(root, { name: 'm', version, from, to });
        }
        const versions = await listVersions(root);
        expect(versions.map((v) => v.version).sort()).toEqual(['1', '2', '3']);
        for (const v of versions) expect(readFileSync(v.modelFile, 'utf8')).toBe(`bytes ${v.version}`);
        expect(versions.filter((v) => v.stage === 'production').length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 25, seed: 20261123 },
    );
  });
});

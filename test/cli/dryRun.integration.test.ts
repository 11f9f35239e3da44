/** `gantry serve --dry-run`, run as a user does. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { linearModel } from '../support/onnxModel.js';
import { GANTRY, runProgram, SEARCH_PATH } from '../support/program.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gantry-dry-run-'));
  for (const name of ['good', 'bad']) await mkdir(path.join(folder, name, '1'), { recursive: true });
  await writeFile(path.join(folder, 'good', '1', 'model.onnx'), linearModel(4));
  await writeFile(path.join(folder, 'bad', '1', 'model.onnx'), 'no model');
  await symlink(path.join(folder, 'good'), path.join(folder, 'linked'));
  await symlink(path.join(folder, 'nowhere'), path.join(folder, 'dangling'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const dryRun = (...flags: string[]) =>
  runProgram(process.execPath, [GANTRY, 'serve', '--models', folder, '--dry-run', ...flags], {
    env: { PATH: SEARCH_PATH },
  });

describe('a dry run of gantry serve', () => {
  it('prints how each model would be run, as measured', async () => {
    const { code, stdout } = await dryRun('--model', 'good');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^good +1 +sha256:\w{12} +on the event loop +up to 256 +0\.\d{3} ms a row; rows proved independent/m,
    );
    expect(stdout).not.toContain('bad');
  });

  it('finds what folders link to', async () => {
    const { code, stdout } = await dryRun('--model', 'linked');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^linked +1 +sha256:\w{12} +on the event loop/m);
  });

  it('fails for a model that could not be loaded, says why in its row, and shows the others all the same', async () => {
    const { code, stdout } = await dryRun();
    expect(code).toBe(1);
    expect(stdout).toMatch(/^bad +1 +sha256:\w{12} +not at all +.*model\.onnx/m);
    expect(stdout).toMatch(/^good +1 +sha256:\w{12} +on the event loop/m);
  });
});

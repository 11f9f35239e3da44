import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fail, ok, problem } from '../../src/base/index.js';
import {
  carryOut,
  openRepository,
  planPromotion,
  planRollback,
  type Workspace,
} from '../../src/gitops/index.js';
import { addVersion, temporaryRegistry } from '../support/modelFolder.js';

function git(folder: string, ...args: string[]): string {
  return execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
    encoding: 'utf8',
  }).trim();
}

function createWorkspace() {
  const repository = temporaryRegistry();
  const models = path.join(repository, 'models');
  const one = addVersion(models, 'production', 'm', '1', 'one');
  const two = addVersion(models, 'staging', 'm', '2', 'two');
  mkdirSync(path.join(repository, 'manifests'));
  const manifest = path.join(repository, 'manifests', 'm.yaml');
  writeFileSync(
    manifest,
    `kind: ModelDeployment\nmetadata: {name: m}\nspec:\n  model:\n    name: m\n    version: "1"\n    digest: ${one.digest}\n`,
  );
  writeFileSync(path.join(repository, '.gitignore'), 'models/backup/\n');
  git(repository, 'init', '--quiet');
  git(repository, 'config', 'user.name', 'test');
  git(repository, 'config', 'user.email', 'test@example.com');
  git(repository, 'add', '.');
  git(repository, 'commit', '--quiet', '-m', 'start');
  const workspace: Workspace = {
    repository,
    models,
    manifests: path.join(repository, 'manifests'),
    replayGolden: async () => ok(3),
  };
  return { repository, models, manifest, workspace, one, two };
}

const REQUEST = { name: 'm', from: 'staging', to: 'production' } as const;

async function promote(workspace: Workspace) {
  const change = await planPromotion(workspace, REQUEST);
  if (!change.ok) return change;
  return carryOut(workspace, change.value);
}

describe('a promotion in a git repository', () => {
  test('is one commit with the moved version, the model block and trailers', async () => {
    const { repository, workspace, manifest, one, two } = createWorkspace();
    expect(await promote(workspace)).toMatchObject({ ok: true });
    expect(git(repository, 'status', '--porcelain')).toBe('');
    expect(readFileSync(manifest, 'utf8')).toContain(
      `version: "2"\n    digest: ${two.digest}\n    previous:`,
    );
    expect(existsSync(path.join(repository, 'models/archive/m/1/model.onnx'))).toBe(true);
    const trailers = git(repository, 'log', '-1', '--format=%(trailers:only,unfold)');
    expect(trailers.split('\n').filter(Boolean)).toEqual([
      'Model: m',
      'Version: 2',
      'From: staging',
      'To: production',
      `Digest: ${two.digest}`,
      'Evidence: 3 golden examples replayed',
    ]);
    expect(
      git(repository, 'diff', '--unified=0', 'HEAD~1', '--', 'manifests').match(/^[-+] /gm),
    ).toHaveLength(5);
    expect(one.digest).not.toBe(two.digest);
  });

  test('rolls back to what the manifest names as previous', async () => {
    const { repository, workspace, manifest, models, one } = createWorkspace();
    await promote(workspace);
    const change = await planRollback(workspace, { name: 'm', stage: 'production' });
    if (!change.ok) throw new Error(change.error.message);
    expect(await carryOut(workspace, change.value)).toMatchObject({ ok: true });
    expect(readFileSync(manifest, 'utf8')).toContain(`version: "1"\n    digest: ${one.digest}`);
    expect(existsSync(path.join(models, 'production/m/1/model.onnx'))).toBe(true);
    expect(git(repository, 'log', '-1', '--format=%s')).toBe('Roll back m to 1 in production');
  });

  test('restores the previous version from its backup when the archive lost it', async () => {
    const { repository, workspace, models } = createWorkspace();
    await promote(workspace);
    git(repository, 'rm', '-r', '--quiet', 'models/archive');
    git(repository, 'commit', '--quiet', '-m', 'lost');
    const change = await planRollback(workspace, { name: 'm', stage: 'production' });
    if (!change.ok) throw new Error(change.error.message);
    expect(await carryOut(workspace, change.value)).toMatchObject({ ok: true });
    expect(readFileSync(path.join(models, 'production/m/1/model.onnx'), 'utf8')).toBe('one');
  });

  test('touches nothing when a golden example fails', async () => {
    const { repository, workspace } = createWorkspace();
    const replayGolden = async () => fail(problem('GoldenMismatch', 'm/2', 'differs'));
    expect(await promote({ ...workspace, replayGolden })).toMatchObject({
      ok: false,
      error: { code: 'GoldenMismatch' },
    });
    expect(git(repository, 'status', '--porcelain')).toBe('');
  });

  test('refuses to sweep up changes that are not committed', async () => {
    const { workspace, manifest } = createWorkspace();
    writeFileSync(manifest, `${readFileSync(manifest, 'utf8')}# half an edit\n`);
    expect(await promote(workspace)).toMatchObject({
      ok: false,
      error: { code: 'UncommittedChanges', place: 'manifests/m.yaml' },
    });
  });

  test('says so when there is nothing to promote, or no repository', async () => {
    const { workspace } = createWorkspace();
    await promote(workspace);
    expect(await promote(workspace)).toMatchObject({ ok: false, error: { code: 'ModelNotFound' } });
    expect(await openRepository('/')).toMatchObject({ ok: false, error: { code: 'NotARepository' } });
  });
});

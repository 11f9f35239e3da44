/** A release as a commit: promote, apply, and back. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { eventually } from '../support/eventually.js';
import { type LocalCluster, startLocalCluster, temporaryFolder } from '../support/localCluster.js';
import { type Finished, gantry, ROOT, runProgram, SEARCH_PATH } from '../support/program.js';

describe('a GitOps repository', () => {
  const repository = temporaryFolder();
  const manifest = path.join(repository, 'manifests', 'volatility.yaml');
  let cluster: LocalCluster;
  let original: string;

  const git = async (...args: string[]): Promise<string> => {
    const ran = await runProgram('git', ['-C', repository, ...args], {
      env: { PATH: SEARCH_PATH, HOME: repository },
    });
    if (ran.code !== 0) throw new Error(`git ${args.join(' ')}: ${ran.stderr}`);
    return ran.stdout;
  };
  const release = (...args: string[]): Promise<Finished> =>
    gantry([...args, '--repo', repository], { env: { PATH: SEARCH_PATH, HOME: repository } });
  const servedVersion = async () => {
    const model = await cluster.get('md', 'volatility');
    const answer = await fetch(`${model.status?.url}/v2/models/volatility`, {
      headers: { connection: 'close' },
    });
    return ((await answer.json()) as { versions: string[] }).versions;
  };
  const appliedVersion = async (version: string) => {
    await cluster.run('apply', '-f', manifest);
    const ready = `volatility ${version}`;
    await eventually(`${ready} is ready`, async () => {
      const { status, metadata } = await cluster.get('md', 'volatility');
      expect(status?.observedGeneration).toBe(metadata.generation);
      expect(status?.conditions).toContainEqual(
        expect.objectContaining({
          type: 'Ready',
          status: 'True',
          message: `2 of 2 pods serve ${ready}`,
        }),
      );
      return true;
    });
  };

  beforeAll(async () => {
    for (const stage of ['production', 'staging', 'archive']) {
      cpSync(path.join(ROOT, 'models', stage), path.join(repository, 'models', stage), { recursive: true });
    }
    mkdirSync(path.dirname(manifest));
    cpSync(path.join(ROOT, 'manifests/samples/volatility.yaml'), manifest);
    original = readFileSync(manifest, 'utf8');
    writeFileSync(path.join(repository, '.gitignore'), 'models/backup/\n');
    await git('init', '--quiet', '--initial-branch=main');
    await git('config', 'user.name', 'Release Manager');
    await git('config', 'user.email', 'release@example.com');
    await git('add', '.');
    await git('commit', '--quiet', '--message', 'Start');
    cluster = await startLocalCluster({
      flags: ['--no-redis', '--no-samples'],
      models: path.join(repository, 'models'),
    });
  }, 90_000);
  afterAll(async () => {
    await cluster.dispose();
    rmSync(repository, { recursive: true });
  }, 30_000);

  test('shows what a promotion would do, and does nothing, with --dry-run', async () => {
    const shown = await release(
      'promote',
      'volatility',
      '--from',
      'staging',
      '--to',
      'production',
      '--dry-run',
    );
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toContain('Promote volatility: version 1 -> 2 (staging -> production)');
    expect(shown.stdout).toMatch(/golden +\d+ examples replayed/);
    expect(await git('status', '--porcelain')).toBe('');
    expect(readFileSync(manifest, 'utf8')).toBe(original);
  });

  test('promotes by a commit with trailers that touches the model block alone', async () => {
    await appliedVersion('1');
    expect(await release('promote', 'volatility', '--from', 'staging', '--to', 'production')).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(await git('status', '--porcelain')).toBe('');
    const trailers = await git('log', '-1', '--format=%(trailers:only,unfold)');
    expect(trailers).toMatch(/^Model: volatility$/m);
    expect(trailers).toMatch(/^Version: 2$/m);
    expect(trailers).toMatch(/^Digest: sha256:[0-9a-f]{64}$/m);
    const changed = (await git('diff', '--unified=0', 'HEAD~1', '--', 'manifests'))
      .split('\n')
      .filter((line) => /^[+-] /.test(line));
    expect(changed.length).toBeGreaterThan(2);
    for (const line of changed) expect(line).toMatch(/^[+-] {4,}(version|digest|previous|\w+:)/);
  });

  test('rolls the pods over when the commit is applied', async () => {
    expect(await servedVersion()).toEqual(['1']);
    await appliedVersion('2');
    expect(await servedVersion()).toEqual(['2']);
  });

  test('returns with a rollback', async () => {
    expect(await release('rollback', 'volatility')).toMatchObject({ code: 0, stderr: '' });
    expect(await git('log', '-1', '--format=%s')).toMatch(/^Roll back volatility to 1 in production$/m);
    await appliedVersion('1');
    expect(await servedVersion()).toEqual(['1']);
    expect(await git('status', '--porcelain')).toBe('');
  });

  test.each<[string, string[], RegExp]>([
    [
      'a model that is not there',
      ['promote', 'nobody'],
      /^gantry: nobody in staging: no version to promote; .*\n$/,
    ],
    [
      'a stage without the version',
      ['promote', 'volatility', '--version', '7'],
      /^gantry: volatility\/7: no such model version .*\n$/,
    ],
    [
      'the same stage twice',
      ['promote', 'volatility', '--from', 'staging', '--to', 'staging'],
      /^gantry: staging: .*; name two stages\n$/,
    ],
  ])('refuses %s in one line', async (_, args, line) => {
    const { code, stderr } = await release(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(line);
    expect(await git('status', '--porcelain')).toBe('');
  });
});

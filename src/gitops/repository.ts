/** The few things asked of git, always with arguments as a list: nothing a user writes reaches a shell. */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { fail, messageOf, ok, problem, type Result } from '../base/index.js';

const execute = promisify(execFile);

async function git(repository: string, args: readonly string[]): Promise<Result<string>> {
  try {
    const { stdout } = await execute('git', ['-C', repository, ...args], { maxBuffer: 16 * 2 ** 20 });
    return ok(stdout);
  } catch (error) {
    const detail = (error as { stderr?: string }).stderr?.trim().split('\n')[0];
    return fail(
      problem(
        'GitFailed',
        repository,
        `git ${args[0]}: ${detail ?? messageOf(error)}`,
        'see "git status" there',
      ),
    );
  }
}

/** The top of the work tree that `folder` is in. */
export async function openRepository(folder: string): Promise<Result<string>> {
  const top = await git(folder, ['rev-parse', '--show-toplevel']);
  if (top.ok) return ok(top.value.trim());
  return fail(
    problem(
      'NotARepository',
      folder,
      'not inside a git work tree',
      'give the folder of your GitOps repository with --repo',
    ),
  );
}

/** Fails when one of `paths` has changes that are not committed: they would ride along in the commit. */
export async function requireClean(repository: string, paths: readonly string[]): Promise<Result<void>> {
  const status = await git(repository, ['status', '--porcelain', '--', ...paths]);
  if (!status.ok) return status;
  const dirty = status.value.split('\n').filter((line) => line !== '');
  if (dirty.length === 0) return ok(undefined);
  return fail(
    problem(
      'UncommittedChanges',
      dirty[0]!.slice(3),
      'has changes that are not committed',
      'commit or discard them first',
    ),
  );
}

/** Those of `paths` that git tracks or finds on disk: it refuses a path that matches nothing. */
async function matchingPaths(repository: string, paths: readonly string[]): Promise<string[]> {
  const known = await Promise.all(
    paths.map(async (file) => {
      const listed = await git(repository, [
        'ls-files',
        '--cached',
        '--others',
        '--exclude-standard',
        '--',
        file,
      ]);
      return listed.ok && listed.value !== '';
    }),
  );
  return paths.filter((_, index) => known[index]);
}

/** Commits `paths` as they are on disk (removed ones too) and nothing else; answers the commit's id. */
export async function commitPaths(
  repository: string,
  paths: readonly string[],
  message: string,
): Promise<Result<string>> {
  const present = await matchingPaths(repository, paths);
  const staged = await git(repository, ['add', '--all', '--', ...present]);
  if (!staged.ok) return staged;
  const committed = await git(repository, ['commit', '--quiet', '--message', message, '--', ...present]);
  if (!committed.ok) return committed;
  const head = await git(repository, ['rev-parse', 'HEAD']);
  return head.ok ? ok(head.value.trim()) : head;
}

/** YAML files below `folder`, in order of their names. A folder that is not there has none. */
export async function yamlFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !file.includes(`${path.sep}node_modules${path.sep}`))
    .sort();
}

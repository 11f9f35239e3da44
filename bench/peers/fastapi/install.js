// FastAPI's virtual environment, in .cache/python-bench; made at the first run.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const here = import.meta.dirname;
const environment = path.join(here, '../../../.cache/python-bench');
const python = path.join(environment, 'bin/python');
const requirements = path.join(here, 'requirements.txt');
const INSTALL_MS = 180_000;

/** A function that gives the server's command line, or a sentence saying why there is none. */
export function installFastApi() {
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  const marker = path.join(environment, 'installed');
  if (!existsSync(marker) || readFileSync(marker, 'utf8') !== wanted) {
    const reason = install();
    if (reason !== undefined) return reason;
    writeFileSync(marker, wanted);
  }
  return (model) => [python, path.join(here, 'server.py'), model, '0'];
}

function install() {
  rmSync(environment, { recursive: true, force: true });
  const venv = spawnSync('python3', ['-m', 'venv', environment], { timeout: INSTALL_MS, encoding: 'utf8' });
  if (venv.status !== 0) return `python3 -m venv failed: ${lastLine(venv)}`;
  const options = ['--quiet', '--disable-pip-version-check', '--timeout', '10', '--retries', '1'];
  const pip = spawnSync(python, ['-m', 'pip', 'install', ...options, '--requirement', requirements], {
    timeout: INSTALL_MS,
    encoding: 'utf8',
  });
  return pip.status === 0 ? undefined : `FastAPI could not be installed from PyPI: ${lastLine(pip)}`;
}

function lastLine({ stderr, error }) {
  return stderr?.trim().split('\n').at(-1) || (error?.message ?? 'no message');
}

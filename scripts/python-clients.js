// The virtual environment in .cache/python with the public Python clients that judge the server
// (test/conformance/clients). Does nothing when it is there already.
//   node scripts/python-clients.js
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const FOLDER = path.join(ROOT, '.cache/python');
const STAMP = path.join(FOLDER, 'requirements.sha256');
const REQUIREMENTS = path.join(ROOT, 'test/conformance/clients/requirements.txt');
const MINUTES = 60_000;

const digest = () => createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex');

function found() {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === digest();
}

/** The last line of what a failed command said; undefined when it did not fail. */
function failureOf(command, args) {
  const { status, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 10 * MINUTES,
  });
  if (status === 0) return undefined;
  return error?.message ?? stderr.trim().split('\n').at(-1) ?? `${command} failed`;
}

function install() {
  if (found()) return;
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(path.dirname(FOLDER), { recursive: true });
  console.error('installing the public Python clients (for the tests) …');
  const pip = path.join(FOLDER, 'bin/pip');
  const failure =
    failureOf('python3', ['-m', 'venv', FOLDER]) ??
    failureOf(pip, ['install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS]);
  if (failure === undefined) writeFileSync(STAMP, digest());
  else console.error(`the public Python clients could not be installed: ${failure}`);
}

/** A part that tests need and npm does not bring: how to see and get it, and the tests that need it. */
export const pythonClients = {
  name: 'the public Python clients',
  found,
  install,
  remedy: 'Python 3.10 or later with venv (Debian and Ubuntu: sudo apt-get install python3-venv), and PyPI',
  tests: '/test/conformance/clients/',
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  install();
  if (!found()) {
    console.error(`not on this machine: ${pythonClients.name} (${pythonClients.remedy})`);
    process.exitCode = 1;
  }
}

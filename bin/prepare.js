// Makes a checkout runnable, only where something is missing: locked dependencies, then the bundle in dist/.
// Plain JavaScript without dependencies, since nothing may be installed yet.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(
  import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname),
  '..',
);
const MINIMUM_NODE = [20, 19];

function fail(message) {
  console.error(message);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1])) return;
  fail(
    `Gantry needs Node ${MINIMUM_NODE.join('.')} or later; this is ${process.versions.node}. Install a newer Node.`,
  );
}

function stampOf(files) {
  const hash = createHash('sha256').update(
    process.versions.node.split('.')[0] + process.platform + process.arch,
  );
  for (const file of files) hash.update(file).update(readFileSync(path.join(ROOT, file)));
  return hash.digest('hex');
}

function isCurrent(stampFile, stamp) {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
}

/** Runs a command quietly; its output is shown only when it fails. */
function run(label, command, args) {
  const started = process.hrtime.bigint();
  process.stderr.write(`${label} … `);
  const result = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (result.status !== 0) {
    fail(
      `failed\n${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}\n${label} failed: see above`,
    );
  }
  process.stderr.write(`${(Number(process.hrtime.bigint() - started) / 1e9).toFixed(1)} s\n`);
}

/**
 * Whether node_modules holds what the lock file names. npm writes down what it installed when it is done, so a cut-off
 * or outdated installation is seen, and one made by `npm ci` or `npm install` is not made again. Packages of other
 * platforms are optional and left out.
 */
export function isInstalled(root) {
  const read = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages;
  if (!existsSync(path.join(root, 'node_modules/.package-lock.json'))) return false;
  const installed = read('node_modules/.package-lock.json');
  return Object.entries(read('package-lock.json')).every(
    ([name, { version, optional, peer }]) =>
      name === '' || installed[name]?.version === version || (!(name in installed) && (optional || peer)),
  );
}

function install() {
  if (isInstalled(ROOT)) return;
  run('installing locked dependencies', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

function sources() {
  const walk = (folder) =>
    readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
      const child = `${folder}/${entry.name}`;
      return entry.isDirectory() ? walk(child) : [child];
    });
  return [...walk('src'), ...walk('scripts'), 'package.json', 'package-lock.json'].sort();
}

function build() {
  const stampFile = path.join(ROOT, 'dist/.gantry-built');
  const files = sources();
  const newest = existsSync(stampFile) ? statSync(stampFile).mtimeMs : 0;
  const touched = files.some((file) => statSync(path.join(ROOT, file)).mtimeMs > newest);
  if (!touched) return;
  const stamp = stampOf(files);
  if (!isCurrent(stampFile, stamp)) run('building', process.execPath, ['scripts/build.js']);
  mkdirSync(path.dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, stamp);
}

/** Installs and builds what is missing or stale; exits with one clear message when it cannot. */
export function prepare() {
  checkNode();
  install();
  build();
}

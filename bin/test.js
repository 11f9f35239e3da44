// `npm test`: every check and every test there is, real parts included, on a machine with Node and git alone. What
// cannot be had is said plainly; with CI=true it is a failure.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { prepare, ROOT } from './prepare.js';

const CI = process.env.CI === 'true';
const REPORT = path.join(ROOT, 'node_modules/.cache/jest-report.json');

function has(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}

function installRedis() {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !existsSync('/etc/debian_version')) return;
  console.error('installing redis-server (Debian package, for the cache tests) …');
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore' });
  spawnSync('apt-get', ['install', '-y', '-qq', 'redis-server'], {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

/** Parts that npm does not bring; each with the one command that does. */
function missingParts() {
  if (!has('redis-server')) installRedis();
  const parts = [];
  if (!has('redis-server')) parts.push('redis-server (Debian and Ubuntu: sudo apt-get install redis-server)');
  if (process.platform !== 'linux' || process.arch !== 'x64')
    parts.push('kubectl and helm: the package that ships them is for Linux on x64');
  return parts;
}

function run(label, command, args) {
  console.error(`\n== ${label}`);
  const started = Date.now();
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' });
  console.error(
    `== ${label}: ${status === 0 ? 'ok' : 'FAILED'} in ${((Date.now() - started) / 1000).toFixed(0)} s`,
  );
  return status === 0;
}

prepare();
const missing = missingParts();
for (const part of missing) console.error(`not on this machine: ${part}`);
if (missing.length > 0 && CI) {
  console.error('CI needs every part');
  process.exit(1);
}

const checks = ['typecheck', 'lint', 'boundaries', 'format:check', 'generate:check'];
const only = process.argv.slice(2);
let passed = only.length > 0 || checks.every((name) => run(name, 'npm', ['run', '--silent', name]));

rmSync(REPORT, { force: true });
const without = missing.some((part) => part.startsWith('redis'))
  ? ['--testPathIgnorePatterns', 'redis', '/node_modules/']
  : [];
const jest = ['scripts/jest.js', '--json', `--outputFile=${REPORT}`, ...without, ...only];
if (passed) passed = run('tests', process.execPath, jest);
if (existsSync(REPORT)) {
  const report = JSON.parse(readFileSync(REPORT, 'utf8'));
  const broken = report.numFailedTests + report.numRuntimeErrorTestSuites;
  for (const part of missing) console.log(`not tested for want of it: ${part}`);
  console.log(`${report.numPassedTests} passed, ${broken} failed`);
}
process.exit(passed ? 0 : 1);

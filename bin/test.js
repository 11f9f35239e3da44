// `npm test`: every check and every test there is, real parts included, on a machine with Node and git alone. What
// cannot be had is said plainly; with CI=true it is a failure.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pythonClients } from '../scripts/python-clients.js';
import { prepare, ROOT } from './prepare.js';

const CI = process.env.CI === 'true';
const REPORT = path.join(ROOT, 'node_modules/.cache/jest-report.json');

function has(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}

function installDebianPackage(name) {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return;
  console.error(`installing ${name} (Debian package, for the tests) …`);
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore' });
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

/** Parts that npm does not bring: how to see and get each, what to tell who cannot, and the tests that need it. */
const PARTS = [
  {
    name: 'redis-server',
    found: () => has('redis-server'),
    install: () => installDebianPackage('redis-server'),
    remedy: 'Debian and Ubuntu: sudo apt-get install redis-server',
    tests: '/test/conformance/cache/|redis|/test/e2e/',
  },
  {
    name: 'promtool',
    found: () => has('promtool'),
    install: () => installDebianPackage('prometheus'),
    remedy: 'Debian and Ubuntu: sudo apt-get install prometheus',
    tests: '/test/monitoring/rules',
  },
  {
    name: 'kubectl and helm',
    found: () => process.platform === 'linux' && process.arch === 'x64',
    install: () => undefined,
    remedy: 'the package that ships them is for Linux on x64',
    tests: '/test/e2e/|kubectl',
  },
  pythonClients,
];

/** Installs what it can, and answers what is still missing. */
function missingParts() {
  for (const part of PARTS) if (!part.found()) part.install();
  return PARTS.filter((part) => !part.found());
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
for (const { name, remedy } of missing) console.error(`not on this machine: ${name} (${remedy})`);
if (missing.length > 0 && CI) {
  console.error('CI needs every part');
  process.exit(1);
}

const checks = ['typecheck', 'lint', 'boundaries', 'format:check', 'generate:check'];
const only = process.argv.slice(2);
let passed = only.length > 0 || checks.every((name) => run(name, 'npm', ['run', '--silent', name]));

rmSync(REPORT, { force: true });
// jest.config.js leaves out the tests of what is missing; what they are is said at the end.
process.env.GANTRY_TEST_WITHOUT = missing.map(({ tests }) => tests).join('|');
const jest = ['scripts/jest.js', '--json', `--outputFile=${REPORT}`, ...only];
if (passed) passed = run('tests', process.execPath, jest);
if (existsSync(REPORT)) {
  const report = JSON.parse(readFileSync(REPORT, 'utf8'));
  const broken = report.numFailedTests + report.numRuntimeErrorTestSuites;
  for (const { name, tests } of missing) console.log(`not tested for want of ${name}: ${tests}`);
  console.log(`${report.numPassedTests} passed, ${broken} failed`);
}
process.exit(passed ? 0 : 1);

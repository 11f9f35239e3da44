/** `gantry doctor`: is this machine fit? Each check says what it found and what to do about it. */
import { execFile } from 'node:child_process';
import { access, constants, readFile, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type CommandIo, formatTable, writeJson } from '../io.js';
import type { CommandRunner } from '../command.js';

type Verdict = 'ok' | 'warning' | 'failure';

interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  readonly found: string;
  /** Empty when nothing needs doing. */
  readonly remedy: string;
}

const finding = (check: string, verdict: Verdict, found: string, remedy = ''): Finding => ({
  check,
  verdict,
  found,
  remedy,
});

const execute = promisify(execFile);

/** First line of a program's answer; undefined when it cannot be run. */
async function ask(program: string, args: readonly string[]): Promise<string | undefined> {
  return execute(program, args, { timeout: 5000 }).then(
    ({ stdout }) => stdout.trim().split('\n')[0],
    () => undefined,
  );
}

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const fit = major > 20 || (major === 20 && minor >= 19);
  return finding(
    'node',
    fit ? 'ok' : 'failure',
    process.versions.node,
    fit ? '' : 'install Node 20.19 or later',
  );
}

function checkMemory(): Finding {
  const gibibytes = os.totalmem() / 2 ** 30;
  const found = `${gibibytes.toFixed(1)} GiB, ${os.availableParallelism()} cores`;
  const remedy = 'on WSL2 raise memory= in .wslconfig; the local cluster itself needs under 0.25 GiB';
  return gibibytes >= 4 ? finding('memory', 'ok', found) : finding('memory', 'warning', found, remedy);
}

async function checkWsl(): Promise<Finding> {
  const version = await readFile('/proc/version', 'utf8').catch(() => '');
  if (!/microsoft/i.test(version))
    return finding(
      'platform',
      os.platform() === 'linux' ? 'ok' : 'warning',
      `${os.platform()} ${os.release()}`,
      os.platform() === 'linux' ? '' : 'the local cluster is made for Linux and WSL2',
    );
  return /WSL2/i.test(version)
    ? finding('platform', 'ok', 'WSL2')
    : finding('platform', 'failure', 'WSL1', 'convert the distribution: wsl --set-version NAME 2');
}

async function checkHome(home: string): Promise<Finding> {
  const existing = await nearestExisting(home);
  const slow = /^\/mnt\/[a-z]\//.test(`${existing}/`);
  const writable = await access(`${existing}/.`, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!writable)
    return finding(
      'state folder',
      'failure',
      `${home} is not writable`,
      'choose another with --home or GANTRY_HOME',
    );
  if (slow)
    return finding(
      'state folder',
      'warning',
      `${home} is on a Windows drive, which is slow`,
      'keep the checkout below your Linux home',
    );
  return finding('state folder', 'ok', home);
}

async function nearestExisting(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined);
  const parent = path.dirname(folder);
  return found !== undefined || parent === folder ? folder : nearestExisting(parent);
}

async function checkCgroups(): Promise<Finding> {
  const controllers = await readFile('/sys/fs/cgroup/cgroup.controllers', 'utf8').catch(() => undefined);
  const without = 'pods run without CPU and memory limits on this machine';
  if (controllers === undefined) return finding('cgroups', 'warning', 'no cgroup v2', without);
  const writable = await access('/sys/fs/cgroup/cgroup.subtree_control', constants.W_OK).then(
    () => true,
    () => false,
  );
  return writable
    ? finding('cgroups', 'ok', `v2: ${controllers.trim()}`)
    : finding('cgroups', 'warning', 'v2, not writable for you', without);
}

async function checkTool(name: string, args: readonly string[], without: string): Promise<Finding> {
  const version = await ask(name, args);
  return version === undefined
    ? finding(name, 'warning', 'not found', without)
    : finding(name, 'ok', version);
}

async function diagnose(io: CommandIo, home: string): Promise<Finding[]> {
  return Promise.all([
    Promise.resolve(checkNode()),
    checkWsl(),
    Promise.resolve(checkMemory()),
    checkHome(path.resolve(io.workingDirectory, home)),
    checkCgroups(),
    checkTool('kubectl', ['version', '--client'], 'install kubectl to talk to the cluster'),
    checkTool(
      'redis-server',
      ['--version'],
      'the cache stays in each pod; Debian and Ubuntu: sudo apt-get install redis-server',
    ),
    checkTool(
      'docker',
      ['info', '--format', '{{.ServerVersion}}'],
      'only needed for images and kind, not for npm start',
    ),
    checkTool('kind', ['version'], 'only needed to try a cluster of containers (kind-config.yaml)'),
    checkTool('git', ['--version'], 'install git: promotion is a commit'),
  ]);
}

export const run: CommandRunner = async (io, options) => {
  const findings = await diagnose(io, options.home as string);
  if (options.output === 'json') {
    writeJson(io, findings);
  } else {
    const rows = findings.map((f) => [f.check, f.verdict, f.found, f.remedy]);
    io.stdout.write(`${formatTable(['CHECK', 'VERDICT', 'FOUND', 'WHAT TO DO'], rows)}\n`);
  }
  return findings.some((f) => f.verdict === 'failure') ? 1 : 0;
};

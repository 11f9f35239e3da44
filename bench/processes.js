// The processes that are measured: started on one core, watched through /proc, ended.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

export const root = path.dirname(import.meta.dirname);
export const SERVER_CORE = '0';
export const LOAD_CORE = '1';
export const BOTH_CORES = `${SERVER_CORE},${LOAD_CORE}`;
const START_MS = 60_000;

/** Whether the server and the load can each have a core of their own. */
export const pinned = spawnSync('taskset', ['-c', LOAD_CORE, 'true']).status === 0;

const running = new Set();

export function onCores(cores, [command, ...args]) {
  return pinned ? ['taskset', ['-c', cores, command, ...args]] : [command, args];
}

/** Command lines of the servers, which all take any free port and print it. */
export function gantry(models, ...more) {
  const ports = ['--host', '127.0.0.1', '--port', '0', '--metrics-port', '0', '--grpc-port', '0'];
  // As the entry point of the image.
  const program = [process.execPath, '--max-semi-space-size=8', path.join(root, 'bin/gantry.js')];
  return [...program, 'serve', '--models', models, ...ports, ...more];
}
export const bareLoop = (model) => [process.execPath, path.join(root, 'bench/peers/bareLoop.js'), model, '0'];
export const constantReply = () => [
  process.execPath,
  path.join(root, 'bench/peers/constantReply.js'),
  '',
  '0',
];

/** Starts a server and waits until it is ready to predict. `cores` as taskset takes them. */
export async function startServer(commandLine, cores = SERVER_CORE) {
  const startedAt = performance.now();
  const [command, args] = onCores(cores, commandLine);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], cwd: root });
  running.add(child);
  const ended = once(child, 'exit').then(([code]) => {
    running.delete(child);
    return code;
  });
  const late = setTimeout(() => child.kill('SIGKILL'), START_MS);
  const port = await readyPort(child, commandLine.includes('serve'));
  clearTimeout(late);
  if (port === undefined) throw new Error(`${commandLine.join(' ')} did not start: exit code ${await ended}`);
  child.stdout.resume();
  const { pid } = child;
  return {
    port,
    pid,
    startedAt,
    cpuUs: () => cpuUs(pid),
    residentMiB: () => residentMiB(pid),
    async stop() {
      child.kill('SIGTERM');
      const cut = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(cut);
    },
  };
}

/** Every server prints its port; Gantry also says when its models are ready. */
async function readyPort(child, saysReady) {
  let port;
  for await (const line of createInterface({ input: child.stdout })) {
    const said = line.startsWith('{') ? JSON.parse(line) : {};
    port ??= said.port;
    if (port !== undefined && (!saysReady || said.msg === 'ready')) return port;
  }
  return undefined;
}

/** Runs one of the bench's own programs beside the servers and reads the line of JSON it prints. */
export async function measure(program, args, cores = LOAD_CORE) {
  const line = [process.execPath, path.join(root, 'bench', program), ...args.map(asArgument)];
  const [command, commandArgs] = onCores(cores, line);
  const child = spawn(command, commandArgs, { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  const [chunks, [code]] = await Promise.all([child.stdout.toArray(), once(child, 'exit')]);
  running.delete(child);
  if (code !== 0) throw new Error(`${program} failed`);
  return JSON.parse(Buffer.concat(chunks).toString());
}

const asArgument = (value) => (typeof value === 'object' ? JSON.stringify(value) : String(value));

/** Ends whatever still runs: for a bench that is interrupted. */
export function killAll() {
  for (const child of running) child.kill('SIGKILL');
}

/** CPU time of all threads and child processes so far, in microseconds. */
export function cpuUs(pid) {
  let spent = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${task}`;
    spent += Number(readProc(`${folder}/schedstat`).split(' ')[0]) / 1000;
    const children = readProc(`${folder}/children`).split(' ').map(Number);
    for (const child of children) if (child > 0) spent += cpuUs(child);
  }
  return spent;
}

export function residentMiB(pid) {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readProc(`/proc/${pid}/status`))?.[1]) / 1024;
}

function readProc(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '0';
  }
}

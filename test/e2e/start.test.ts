/** `npm start` on a machine that has everything: what is printed works as printed, and nothing stays behind. */
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { temporaryFolder, removeHome } from '../support/localCluster.js';
import { createKubectl } from '../support/kubectl.js';
import { processesNaming } from '../support/processes.js';
import {
  type Finished,
  ROOT,
  type RunningProgram,
  runProgram,
  SEARCH_PATH,
  START,
  startProgram,
} from '../support/program.js';

const READY_MS = 60_000;
const homes: string[] = [];

function newHome(): string {
  const home = temporaryFolder();
  homes.push(home);
  return path.join(home, 'state'); // not there yet
}

const start = (args: readonly string[], env?: Readonly<Record<string, string>>): RunningProgram =>
  startProgram(process.execPath, [START, ...args], { env: { PATH: SEARCH_PATH, ...env } });

/** On a connection of its own: a pod that stops waits a little for clients that are connected. */
const get = (url: string | URL): Promise<Response> => fetch(url, { headers: { connection: 'close' } });

const shell = (line: string): Promise<Finished> =>
  runProgram('/bin/sh', ['-c', line], { env: { PATH: SEARCH_PATH, HOME: homes[0] ?? '' } });

/** Everything printed on standard output; the report ends with this line. */
async function report(program: RunningProgram): Promise<string> {
  await program.printed(/^Ctrl-C stops everything/m, READY_MS);
  return program.stdout();
}

const noStackTrace = expect.not.stringMatching(/^ +at /m);

afterAll(async () => {
  for (const home of homes) await removeHome(home);
}, 60_000);

describe('npm start', () => {
  const home = newHome();
  let program: RunningProgram;
  let printed: string;
  const uids: Record<string, string> = {};

  const uidOf = async (kind: string, name: string) => {
    const kubectl = createKubectl({ kubeconfig: path.join(home, 'kubeconfig'), home: path.dirname(home) });
    return (await kubectl(['get', kind, name, '-o', 'jsonpath={.metadata.uid}'])).stdout;
  };

  beforeAll(async () => {
    program = start(['--home', home]);
    printed = await report(program);
  }, 90_000);
  afterAll(() => program.end());

  test('says how long it took, and shows plain lines of progress where there is no terminal', () => {
    expect(printed).toMatch(/^ready in \d+\.\d s\n/);
    expect(program.stderr()).toMatch(/^starting the cluster$/m);
    expect(program.stderr()).toMatch(/^waiting for the models: .*volatility \d\/\d/m);
    expect(program.stderr()).not.toContain('\u001b');
  });

  test('names a kubeconfig that only its owner can read', () => {
    const [, named = ''] = /^kubeconfig +(\S+)$/m.exec(printed) ?? [];
    expect(path.resolve(ROOT, named)).toBe(path.join(home, 'kubeconfig'));
    expect(statSync(path.resolve(ROOT, named)).mode & 0o777).toBe(0o600);
    expect(statSync(home).mode & 0o777).toBe(0o700);
  });

  test('shows each model with its URL, and the URL answers', async () => {
    const rows = [...printed.matchAll(/^default +(\S+) +1 +(\d)\/\2 +(http:\S+)$/gm)];
    expect(rows.map(([, name]) => name)).toEqual(['digits', 'volatility']);
    for (const [, name, , url] of rows) {
      const answer = await get(`${url}/v2/models/${name}`);
      expect(await answer.json()).toMatchObject({ name, versions: ['1'] });
    }
  });

  test('prints a kubectl line that works as it is printed', async () => {
    const [, line = ''] = /^ {2}(\S*kubectl .+)$/m.exec(printed) ?? [];
    const ran = await shell(line);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^volatility +1 +2\/2 +Ready/m);
  });

  test('prints a curl line that works as it is printed', async () => {
    const [, line = ''] = /^ {2}(curl .+)$/m.exec(printed) ?? [];
    const ran = await shell(line);
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      model_name: 'volatility',
      model_version: '1',
      prediction: { volatility: expect.any(Number) },
    });
  });

  test('names the API docs, which come whole from the pod', async () => {
    const [, url = ''] = /^API docs +(\S+)$/m.exec(printed) ?? [];
    const page = await get(url);
    expect(page.status).toBe(200);
    const html = await page.text();
    const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link ?? '');
    expect(links.length).toBeGreaterThan(2);
    const assets = new Map<string, string>();
    for (const link of links.filter((each) => !each.startsWith('data:'))) {
      const target = new URL(link, page.url);
      expect(target.host).toBe(new URL(url).host);
      const asset = await get(target);
      expect({ link, status: asset.status }).toEqual({ link, status: 200 });
      assets.set(link, await asset.text());
    }
    const own = [html, ...[...assets].filter(([link]) => !link.includes('bundle')).map(([, text]) => text)];
    for (const text of own) expect(text).not.toMatch(/(?:src|href|@import|url\()\s*[=("']+https?:/);
    const document = await get(new URL('/openapi.json', url));
    expect(await document.json()).toMatchObject({
      openapi: expect.stringMatching(/^3\.1\./),
      paths: expect.objectContaining({ '/predict': expect.anything() }),
    });
  });

  test('refuses a second instance on the same folder with one line, and leaves the first alone', async () => {
    const second = await start(['--home', home]).finished;
    expect(second.code).toBe(1);
    expect(second.stdout).toBe('');
    const lines = second.stderr
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('gantry: '));
    expect(lines).toHaveLength(1);
    expect(second.stderr).toEqual(noStackTrace);
    expect(lines[0]).toBe(
      `gantry: ${home}/state: is used by process ${program.pid}; stop it, or use another folder with --home`,
    );
    expect(await uidOf('md', 'volatility')).not.toBe('');
  });

  test('runs beside another instance without a clash', async () => {
    const other = start(['--home', newHome(), '--no-samples', '--no-redis']);
    try {
      const text = await report(other);
      const kubeconfig = /^kubeconfig +(\S+)$/m.exec(text)?.[1] ?? '';
      const ran = await shell(`kubectl --kubeconfig ${kubeconfig} get md`);
      expect(ran).toMatchObject({ code: 0, stdout: '' });
    } finally {
      expect((await other.end()).code).toBe(0);
    }
  });

  test('Ctrl-C ends every process with exit code 0', async () => {
    for (const kind of ['md', 'deploy', 'svc']) uids[kind] = await uidOf(kind, 'volatility');
    expect(processesNaming(home).length).toBeGreaterThan(4);
    const { code, stderr } = await program.end('SIGINT');
    expect({ code, left: processesNaming(home) }).toEqual({ code: 0, left: [] });
    expect(stderr).toEqual(noStackTrace);
  }, 30_000);

  test('a second start finds the state the first one left', async () => {
    program = start(['--home', home]);
    const again = await report(program);
    for (const kind of ['md', 'deploy', 'svc']) expect(await uidOf(kind, 'volatility')).toBe(uids[kind]);
    expect(again.match(/http:\/\/127\S+:8080$/gm)).toEqual(printed.match(/http:\/\/127\S+:8080$/gm));
    expect(readFileSync(path.join(home, 'kubeconfig'), 'utf8')).toContain('gantry-local');
    await program.end('SIGTERM');
    expect(processesNaming(home)).toEqual([]);
  }, 90_000);
});

describe('npm start with flags', () => {
  test('--help explains itself', async () => {
    const { code, stdout, stderr } = await start(['--help']).finished;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: gantry local/);
    for (const flag of ['--home', '--port', '--no-nodes', '--no-operator', '--no-samples']) {
      expect(stdout).toContain(flag);
    }
    expect(stdout).toContain('GANTRY_HOME');
  });

  test('GANTRY_HOME moves the folder; the API server alone runs on the port that was asked for', async () => {
    const home = newHome();
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address() as { port: number };
    free.close();
    await once(free, 'close');
    const flags = ['--no-nodes', '--no-operator', '--no-samples', '--port', String(port)];
    const program = start(flags, { GANTRY_HOME: home });
    try {
      await report(program);
      const kubectl = createKubectl({ kubeconfig: path.join(home, 'kubeconfig'), home: path.dirname(home) });
      expect((await kubectl(['config', 'view', '-o', 'jsonpath={.clusters[0].cluster.server}'])).stdout).toBe(
        `https://127.0.0.1:${port}`,
      );
      const created = await kubectl(['create', 'deployment', 'web', '--image=web']);
      expect(created.code).toBe(0);
      const waited = await kubectl(['wait', '--for=create', 'rs', '-l', 'app=web', '--timeout=10s']);
      expect(waited.code).toBe(0);
      expect((await kubectl(['get', 'md,nodes', '-o', 'name'])).stdout).toBe('');
    } finally {
      expect((await program.end()).code).toBe(0);
    }
  });

  test('an occupied port is one clear line and exit code 1', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as { port: number };
    const home = newHome();
    const { code, stdout, stderr } = await start(['--home', home, '--port', String(port)]).finished;
    holder.close();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^gantry: .*${port}.*in use.*$`, 'm'));
    expect(stderr).toEqual(noStackTrace);
    expect(processesNaming(home)).toEqual([]);
  });

  test('a folder that cannot be made is one clear line and exit code 1', async () => {
    const { code, stdout, stderr } = await start(['--home', '/dev/null/gantry']).finished;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^gantry: \/dev\/null\/gantry: .*; choose another folder with --home or GANTRY_HOME\n$/,
    );
    expect(stderr).toEqual(noStackTrace);
  });

  test('an unknown flag is wrong usage', async () => {
    const { code, stderr } = await start(['--hoem', 'x']).finished;
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("unknown option '--hoem'") });
  });
});

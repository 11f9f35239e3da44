/** A log that nobody reads, as when whoever collects it hangs. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { GANTRY, ROOT, SEARCH_PATH } from '../support/program.js';

const REQUESTS = 16_000;
const AT_A_TIME = 50;
/** More than a pipe holds, at some hundred bytes a line. */
const ENOUGH_TO_FILL = 1_500;
const LONG_ID = { 'X-Request-Id': 'r'.repeat(128) };

let child: ChildProcessByStdio<null, Readable, null>;
let lines: Record<string, unknown>[];
let url: string;

/** A server that logs every request, up to the moment that it is ready. */
async function start(): Promise<void> {
  const ports = ['--port', '0', '--metrics-port', '0', '--no-grpc'];
  const args = [
    'serve',
    '--models',
    'models',
    '--host',
    '127.0.0.1',
    '--log-level',
    'debug',
    '--processes',
    '1',
  ];
  child = spawn(process.execPath, [GANTRY, ...args, ...ports], {
    cwd: ROOT,
    env: { PATH: SEARCH_PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  lines = [];
  await new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(JSON.parse(line) as Record<string, unknown>);
      if (lines.at(-1)?.msg === 'ready') resolve();
    });
  });
  const port = lines.find((line) => typeof line.port === 'number')?.port as number;
  url = `http://127.0.0.1:${port}/v2/models/volatility/ready`;
}

async function ask(times: number): Promise<void> {
  for (let sent = 0; sent < times; sent += AT_A_TIME) {
    const asked = Array.from({ length: AT_A_TIME }, async () =>
      (await fetch(url, { headers: LONG_ID })).arrayBuffer(),
    );
    await Promise.all(asked);
  }
}

const logged = () => lines.filter(({ msg }) => msg === 'request').length;

/** Sends SIGTERM; resolves with exit code and signal. */
function told(event: 'exit' | 'close'): Promise<unknown[]> {
  const ended = once(child, event);
  child.kill('SIGTERM');
  return ended;
}

describe('a server whose log is not read', () => {
  beforeEach(async () => {
    await start();
    child.stdout.pause();
  }, 30_000);
  afterEach(async () => {
    const closed = child.stdout.closed || once(child.stdout, 'close');
    child.kill('SIGKILL');
    child.stdout.resume();
    await closed;
  });

  it('goes on answering, and writes whole lines again once it is', async () => {
    await ask(REQUESTS);
    child.stdout.resume();
    const dropped = () => lines.reduce((sum, line) => sum + Number(line.dropped ?? 0), 0);
    await eventually(
      'every line is there or said to be dropped',
      () => logged() + dropped() >= REQUESTS,
      20_000,
    );
    expect(logged() + dropped()).toBe(REQUESTS);
    expect(dropped()).toBeGreaterThan(0);
    expect(await told('close')).toEqual([0, null]);
    expect(lines.at(-1)?.msg).toBe('stopped');
  }, 60_000);

  it('ends when it is told to', async () => {
    await ask(ENOUGH_TO_FILL);
    expect(await told('exit')).toEqual([0, null]);
  }, 30_000);

  it('says its last words to a reader that is only late', async () => {
    await ask(ENOUGH_TO_FILL);
    const closed = told('close');
    setTimeout(() => child.stdout.resume(), 200);
    expect(await closed).toEqual([0, null]);
    expect(lines.at(-1)?.msg).toBe('stopped');
    expect(logged()).toBe(ENOUGH_TO_FILL);
  }, 30_000);
});

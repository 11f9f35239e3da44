/** A log that nobody reads, as when whoever collects it hangs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { GANTRY, ROOT, SEARCH_PATH } from '../support/program.js';

const REQUESTS = 16_000;
const AT_A_TIME = 50;

describe('a server whose log is not read', () => {
  it('goes on answering, and writes whole lines again once it is', async () => {
    const ports = ['--port', '0', '--metrics-port', '0', '--grpc-port', '0'];
    const args = [
      'serve',
      '--models',
      'models',
      '--host',
      '127.0.0.1',
      ...ports,
      '--log-level',
      'debug',
      '--processes',
      '1',
    ];
    const child = spawn(process.execPath, [GANTRY, ...args], { cwd: ROOT, env: { PATH: SEARCH_PATH } });
    const exited = once(child, 'exit');
    const lines: Record<string, unknown>[] = [];
    const ready = new Promise<void>((resolve) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        lines.push(JSON.parse(line) as Record<string, unknown>);
        if (lines.at(-1)?.msg === 'ready') resolve();
      });
    });
    try {
      await ready;
      child.stdout.pause();
      const port = lines.find((line) => typeof line.port === 'number')?.port as number;
      const url = `http://127.0.0.1:${port}/v2/models/volatility/ready`;
      const headers = { 'X-Request-Id': 'r'.repeat(128) };
      for (let sent = 0; sent < REQUESTS; sent += AT_A_TIME) {
        const asked = Array.from({ length: AT_A_TIME }, async () =>
          (await fetch(url, { headers })).arrayBuffer(),
        );
        await Promise.all(asked);
      }
      child.stdout.resume();
      const written = () => lines.filter(({ msg }) => msg === 'request').length;
      const dropped = () => lines.reduce((sum, line) => sum + Number(line.dropped ?? 0), 0);
      await eventually(
        'every line is there or said to be dropped',
        () => written() + dropped() >= REQUESTS,
        20_000,
      );
      expect(written() + dropped()).toBe(REQUESTS);
      expect(dropped()).toBeGreaterThan(0);
    } finally {
      child.kill('SIGTERM');
      await exited;
    }
    expect(lines.at(-1)?.msg).toMatch(/stopped|drained|shut/);
  }, 60_000);
});

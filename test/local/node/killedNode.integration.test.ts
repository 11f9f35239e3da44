import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { endOrphans } from '../../../src/local/node/pod/folder.js';
import { readProcess, sessionMembers } from '../../../src/local/node/process/processTable.js';
import { until } from './cluster.js';

const folder = join(process.cwd(), 'node_modules/.cache/killed-node', String(process.pid));

describe('a node that is killed', () => {
  beforeAll(async () => {
    await mkdir(folder, { recursive: true });
    await build({
      entryPoints: ['test/local/node/killedNode.ts'],
      outfile: join(folder, 'node.mjs'),
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
    });
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('leaves no process behind once it has started again', async () => {
    const agent = spawn(process.execPath, [join(folder, 'node.mjs')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: agent.stdout }), 'line')) as [string];
    const { home, pid } = JSON.parse(line) as { home: string; pid: number };
    const leader = readProcess(pid);
    if (leader === undefined) throw new Error('the container does not run');
    const members = await until('the grandchild', async () => {
      const found = sessionMembers(leader);
      return found.length === 2 ? found : undefined;
    });

    agent.kill('SIGKILL');
    await once(agent, 'exit');
    endOrphans(home);
    await until('every process of the container to be gone', async () => {
      const alive = members.filter((member) => readProcess(member.pid)?.startTicks === member.startTicks);
      return alive.length === 0 ? true : undefined;
    });
    expect(endOrphans(home)).toBe(0);
    await rm(home, { recursive: true, force: true });
  }, 60_000);
});

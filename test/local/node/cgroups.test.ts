import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Logger } from '../../../src/base/index.js';
import { silentLogger } from '../../../src/base/index.js';
import { createLimiter } from '../../../src/local/node/process/cgroups.js';
import type { Pod } from '../../../src/local/objects/index.js';
import { podObject } from './cluster.js';

describe('limits of a container', () => {
  let root: string;
  let warnings: string[];
  let logger: Logger;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'gantry-cgroup-'));
    warnings = [];
    logger = {
      ...silentLogger,
      warn: (text: unknown) => void warnings.push(String(text)),
    };
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const pod = (limits: Record<string, string>): Pod => {
    const made = podObject('p', { containers: [{ name: 'main', image: 'i', resources: { limits } }] });
    return { ...made, metadata: { ...made.metadata, uid: 'u' } };
  };
  const written = (file: string) => readFileSync(join(root, 'gantry/u-main', file), 'utf8');

  it('become a group of its own with a quota and a maximum', () => {
    writeFileSync(join(root, 'cgroup.controllers'), 'cpu memory');
    createLimiter({ logger, root }).limit(pod({ cpu: '1500m', memory: '64Mi' }), 'main', 4242);
    expect(written('cpu.max')).toBe('150000 100000');
    expect(written('memory.max')).toBe(String(64 * 2 ** 20));
    expect(written('cgroup.procs')).toBe('4242');
    expect(warnings).toEqual([]);
  });

  it('tell when the kernel ended it for its memory', () => {
    writeFileSync(join(root, 'cgroup.controllers'), 'cpu memory');
    const limiter = createLimiter({ logger, root });
    expect(limiter.release(pod({}), 'main')).toEqual({ oomKilled: false });
    mkdirSync(join(root, 'gantry/u-main'), { recursive: true });
    writeFileSync(join(root, 'gantry/u-main/memory.events'), 'low 0\noom 1\noom_kill 1\n');
    expect(limiter.release(pod({}), 'main')).toEqual({ oomKilled: true });
  });

  it('are said once not to be enforced where the machine has no such groups', () => {
    const limiter = createLimiter({ logger, root });
    limiter.limit(pod({}), 'main', 1);
    expect(warnings).toEqual([]);
    limiter.limit(pod({ cpu: '1' }), 'main', 1);
    limiter.limit(pod({ cpu: '1' }), 'main', 2);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /limits of containers are not enforced on this machine: it has no unified cgroup/,
    );
  });
});

import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Logger, messageOf, parseQuantity } from '../../../base/index.js';
import type { Pod } from '../../objects/index.js';
import { findContainer } from '../pod/podContainers.js';
import type { ResourceLimiter } from '../pod/parts.js';

const ROOT = '/sys/fs/cgroup';
/** Microseconds, as kubelet's cpu-cfs-quota-period. */
const PERIOD = 100_000;

/** Holds containers to their limits through cgroups (version 2), where this machine lets the user make groups. */
export function createLimiter(options: { logger: Logger; root?: string }): ResourceLimiter {
  const root = options.root ?? ROOT;
  const base = join(root, 'gantry');
  const obstacle = prepare(root, base);
  let isTold = false;
  const groupOf = (pod: Pod, container: string) => join(base, `${pod.metadata.uid ?? ''}-${container}`);
  return {
    limit(pod, container, pid) {
      const limits = findContainer(pod, container)?.resources?.limits ?? {};
      if (limits['cpu'] === undefined && limits['memory'] === undefined) return;
      const failure = obstacle ?? place(groupOf(pod, container), limits, pid);
      if (failure === undefined || isTold) return;
      isTold = true;
      options.logger.warn(`CPU and memory limits of containers are not enforced on this machine: ${failure}`);
    },
    release(pod, container) {
      const group = groupOf(pod, container);
      if (obstacle !== undefined || !existsSync(group)) return { oomKilled: false };
      const oomKilled = /^oom_kill [1-9]/m.test(readText(join(group, 'memory.events')));
      try {
        rmdirSync(group);
      } catch {
        // A process that outlived its leader keeps the group; it is taken again at the next start.
      }
      return { oomKilled };
    },
  };
}

/** Why limits cannot be set; undefined when they can. */
function prepare(root: string, base: string): string | undefined {
  if (!existsSync(join(root, 'cgroup.controllers'))) return 'it has no unified cgroup hierarchy (version 2)';
  try {
    mkdirSync(base, { recursive: true });
    accessSync(base, constants.W_OK);
    writeFileSync(join(root, 'cgroup.subtree_control'), '+cpu +memory');
    writeFileSync(join(base, 'cgroup.subtree_control'), '+cpu +memory');
    return undefined;
  } catch (error) {
    return `this user may not make cgroups (${messageOf(error)})`;
  }
}

function place(group: string, limits: Readonly<Record<string, string>>, pid: number): string | undefined {
  const cpu = limits['cpu'] === undefined ? undefined : parseQuantity(limits['cpu']);
  const memory = limits['memory'] === undefined ? undefined : parseQuantity(limits['memory']);
  try {
    mkdirSync(group, { recursive: true });
    const quota = cpu === undefined ? 'max' : Math.max(Math.round(cpu * PERIOD), 1000);
    writeFileSync(join(group, 'cpu.max'), `${quota} ${PERIOD}`);
    writeFileSync(join(group, 'memory.max'), memory === undefined ? 'max' : String(Math.floor(memory)));
    writeFileSync(join(group, 'cgroup.procs'), String(pid));
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

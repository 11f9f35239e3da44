import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

/** Cores this process may use: its affinity, and the quota of its control group (cgroup v2, `cpu.max`) where there is one. */
export async function availableCores(quotaFile = '/sys/fs/cgroup/cpu.max'): Promise<number> {
  const cores = availableParallelism();
  const text = await readFile(quotaFile, 'utf8').catch(() => 'max');
  const [quota, period] = text.trim().split(/\s+/).map(Number);
  if (quota === undefined || period === undefined || !(quota > 0 && period > 0)) return cores;
  return Math.max(1, Math.min(cores, Math.ceil(quota / period)));
}

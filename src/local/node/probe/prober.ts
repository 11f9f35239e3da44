import type { Handler } from '../../objects/index.js';
import type { ProcessSpec } from '../container/command.js';

export interface ProbeResult {
  readonly ok: boolean;
  /** What the Unhealthy event says after `Readiness probe failed: `. */
  readonly message: string;
}

/** What a probe or a hook is aimed at. */
export interface ProbeTarget {
  readonly podIP: string;
  /** The number of a named container port. */
  portOf(name: string): number | undefined;
  /** The process that runs a command as the container would: its environment, its paths. */
  processOf(command: readonly string[]): ProcessSpec | undefined;
}

/** Carries a handler out once; never rejects. */
export interface Prober {
  probe(handler: Handler, target: ProbeTarget, timeoutMs: number): Promise<ProbeResult>;
}

/** The number a probe's port means for the target. */
export function portNumber(port: number | string, target: ProbeTarget): number | undefined {
  if (typeof port === 'number') return port;
  return /^\d+$/.test(port) ? Number(port) : target.portOf(port);
}

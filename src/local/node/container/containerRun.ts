import { type Clock, messageOf, withinTime } from '../../../base/index.js';
import type { Container, Handler, Probe } from '../../objects/index.js';
import { type LogFile } from '../logs/logFile.js';
import { type ProbeLoopOptions, runProbeLoop } from '../probe/probeLoop.js';
import type { Prober, ProbeTarget } from '../probe/prober.js';
import type { ProcessExit, ProcessSpawner, RunningProcess } from '../process/spawner.js';
import type { ProcessSpec } from './command.js';

export interface RunParts {
  readonly clock: Clock;
  readonly spawner: ProcessSpawner;
  readonly prober: Prober;
}

/** What a run tells its pod. */
export interface RunEvents {
  /** The startup probe has succeeded, or there is none. */
  onStarted(): void;
  onReady(ready: boolean): void;
  /** One failed probe: `Readiness`, `Liveness` or `Startup`, and why. */
  onUnhealthy(kind: string, message: string): void;
  /** A probe or the postStart hook demands that the container ends. */
  onMustEnd(reason: string): void;
}

/** One run of one container: its process, its probes, its hooks. */
export class ContainerRun {
  readonly pid: number;
  /** Resolves when the process is gone and its output is read. */
  readonly exited: Promise<ProcessExit>;
  private readonly probes = new AbortController();
  private stopping: Promise<void> | undefined;
  private killAt: { deadline: number; cancel: () => void } | undefined;

  private constructor(
    private readonly parts: RunParts,
    private readonly container: Container,
    private readonly target: ProbeTarget,
    private readonly process: RunningProcess,
  ) {
    this.pid = process.pid;
    this.exited = process.exited.then((exit) => {
      this.probes.abort();
      this.killAt?.cancel();
      return exit;
    });
  }

  /** Starts the process. Rejects, with a message for the user, when there is nothing to start. */
  static async start(
    parts: RunParts,
    container: Container,
    what: { spec: ProcessSpec; log: LogFile; target: ProbeTarget },
  ): Promise<ContainerRun> {
    const process = await parts.spawner.start(what.spec, what.log);
    return new ContainerRun(parts, container, what.target, process);
  }

  /** Runs the postStart hook, then the probes, until the container ends. */
  async watch(events: RunEvents): Promise<void> {
    const { lifecycle, startupProbe, readinessProbe, livenessProbe } = this.container;
    if (lifecycle?.postStart !== undefined) {
      const result = await this.parts.prober.probe(lifecycle.postStart, this.target, 30_000);
      if (!result.ok) {
        events.onMustEnd('FailedPostStartHook');
        return;
      }
    }
    if (startupProbe !== undefined && !(await this.startup(startupProbe, events))) return;
    events.onStarted();
    const loops: Promise<void>[] = [];
    if (readinessProbe === undefined) events.onReady(true);
    else {
      loops.push(
        this.loop(readinessProbe, true, {
          onSuccess: () => events.onReady(true),
          onFailure: (message, final) => {
            events.onUnhealthy('Readiness', message);
            if (final) events.onReady(false);
          },
        }),
      );
    }
    if (livenessProbe !== undefined) {
      loops.push(
        this.loop(livenessProbe, false, {
          onSuccess: () => undefined,
          onFailure: (message, final) => {
            events.onUnhealthy('Liveness', message);
            if (final && this.stopping === undefined) events.onMustEnd('failed liveness probe');
          },
        }),
      );
    }
    await Promise.all(loops);
  }

  /**
   * Ends the container: preStop hook, SIGTERM to the whole group, SIGKILL when the grace period (which covers the hook
   * too) is over. Asking again may only shorten the time. Without `hook` the preStop hook is left out.
   */
  stop(graceMs: number, { hook = true } = {}): Promise<void> {
    this.shortenTo(graceMs);
    this.stopping ??= this.end(hook ? graceMs : 0);
    return this.stopping;
  }

  private async end(hookMs: number): Promise<void> {
    const preStop = this.container.lifecycle?.preStop;
    if (preStop !== undefined && hookMs > 0) {
      const gone = this.exited.then(() => undefined);
      await Promise.race([this.hook(preStop, hookMs), gone]);
    }
    this.process.kill('SIGTERM');
    await this.exited;
  }

  private async hook(handler: Handler, graceMs: number): Promise<void> {
    await withinTime(this.parts.prober.probe(handler, this.target, graceMs), this.parts.clock, graceMs);
  }

  private shortenTo(graceMs: number): void {
    const deadline = this.parts.clock.monotonic() + graceMs;
    if (this.killAt !== undefined && this.killAt.deadline <= deadline) return;
    this.killAt?.cancel();
    const timer = this.parts.clock.schedule(graceMs, () => this.process.kill('SIGKILL'));
    this.killAt = { deadline, cancel: () => timer.cancel() };
  }

  /** Resolves with true at the first success, with false when the container ended or has to. */
  private startup(probe: Probe, events: RunEvents): Promise<boolean> {
    const over = new AbortController();
    return new Promise((resolve) => {
      const finish = (started: boolean): void => {
        over.abort();
        resolve(started);
      };
      this.probes.signal.addEventListener('abort', () => finish(false), { once: true });
      const handlers = {
        onSuccess: () => finish(true),
        onFailure: (message: string, final: boolean) => {
          events.onUnhealthy('Startup', message);
          if (!final) return;
          events.onMustEnd('failed startup probe');
          finish(false);
        },
      };
      void this.loop(probe, true, handlers, AbortSignal.any([over.signal, this.probes.signal]));
    });
  }

  private loop(
    probe: Probe,
    eager: boolean,
    handlers: Pick<ProbeLoopOptions, 'onSuccess' | 'onFailure'>,
    signal: AbortSignal = this.probes.signal,
  ): Promise<void> {
    const { clock, prober } = this.parts;
    const run = (timeoutMs: number) => prober.probe(probe, this.target, timeoutMs);
    return runProbeLoop({ probe, clock, eager, run, ...handlers }, signal);
  }
}

/** The message of a process that could not be started, as the container runtime's. */
export function startFailure(error: unknown): string {
  return `failed to start container: ${messageOf(error)}`;
}

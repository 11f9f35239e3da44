import { fail, messageOf, ok, type Result } from '../../../base/index.js';
import { type Container, type ContainerStateTerminated, type Pod, timestamp } from '../../objects/index.js';
import { containerPaths, type ProcessContext, processSpec, toHost } from '../container/command.js';
import { ContainerRun } from '../container/containerRun.js';
import { containerEnvironment } from '../container/environment.js';
import { findImage } from '../image.js';
import { LogFile } from '../logs/logFile.js';
import { terminationMessage } from '../logs/terminationMessage.js';
import type { ProbeTarget } from '../probe/prober.js';
import type { ProcessExit } from '../process/spawner.js';
import { mountFolder } from '../volume/volumes.js';
import { retryDelay } from './backoff.js';
import { type ContainerRecord, noteExit } from './containerRecord.js';
import { dropOldLogs, forgetProcess, logPath, recordProcess } from './folder.js';
import type { PodParts } from './parts.js';

interface Refusal {
  readonly reason: string;
  readonly message: string;
}

/** A container that was ready to be started, in host terms. */
interface Prepared {
  readonly context: ProcessContext;
  readonly variables: ReadonlyMap<string, string>;
}

/** The running containers of one pod. */
export class PodContainers {
  private readonly runs = new Map<string, { run: ContainerRun; log: LogFile }>();
  private readonly failures = new Map<string, number>();

  constructor(
    private readonly parts: PodParts,
    private readonly folder: string,
    private readonly podIP: string,
    /** Something changed: look at the pod again. */
    private readonly poke: () => void,
  ) {}

  /** The log a container writes now. */
  logOf(name: string): LogFile | undefined {
    return this.runs.get(name)?.log;
  }

  /** Starts a container, or notes in its record why it cannot be started and when to try again. */
  async start(pod: Pod, record: ContainerRecord): Promise<void> {
    const container = findContainer(pod, record.name);
    if (container === undefined) return;
    const prepared = this.prepare(pod, container);
    if (!prepared.ok) {
      this.refuse(pod, record, prepared.error);
      return;
    }
    const { context, variables } = prepared.value;
    const spec = processSpec(container, variables, context);
    if (spec === undefined) {
      this.refuse(pod, record, { reason: 'CreateContainerError', message: 'no command specified' });
      return;
    }
    if (record.exits.length > 0) record.restartCount += 1;
    this.parts.event(
      pod,
      'Normal',
      'Pulled',
      `Container image "${container.image}" already present on machine`,
    );
    this.parts.event(pod, 'Normal', 'Created', `Created container: ${record.name}`);
    const { clock } = this.parts;
    const log = new LogFile({ path: logPath(this.folder, record.name, record.restartCount), clock });
    dropOldLogs(this.folder, record.name, record.restartCount);
    const target = probeTarget(container, prepared.value);
    record.imageID = container.image;
    record.startedAt = clock.now();
    try {
      const run = await ContainerRun.start(this.parts, container, { spec, log, target });
      this.began(pod, record, run, log);
    } catch (error) {
      await log.close();
      const message = messageOf(error);
      this.parts.event(
        pod,
        'Warning',
        'Failed',
        `Error: failed to start container "${record.name}": ${message}`,
      );
      const time = timestamp(clock.now());
      const exit = { exitCode: 128, reason: 'StartError', message, startedAt: time, finishedAt: time };
      noteExit(record, exit, clock.now());
    }
  }

  /** Ends a container and waits until it is gone. */
  async stop(pod: Pod, name: string, graceMs: number, message: string): Promise<void> {
    const running = this.runs.get(name);
    if (running === undefined) return;
    this.parts.event(pod, 'Normal', 'Killing', message);
    await running.run.stop(graceMs);
  }

  /** Ends a container because the node ends: no hook is waited for, since nobody routes to this node any more. */
  async shutDown(name: string, graceMs: number): Promise<void> {
    await this.runs.get(name)?.run.stop(graceMs, { hook: false });
  }

  /** Shortens the time running containers have left, when they are being stopped already. */
  shorten(graceMs: number): void {
    for (const { run } of this.runs.values()) void run.stop(graceMs);
  }

  private prepare(pod: Pod, container: Container): Result<Prepared, Refusal> {
    const image = findImage(this.parts.images, container.image);
    if (image === undefined) {
      const message =
        `failed to pull image "${container.image}": this node pulls nothing, it runs only images it has a ` +
        `program for; use one of those, or a real cluster`;
      return fail({ reason: 'ErrImagePull', message });
    }
    const namespace = pod.metadata.namespace ?? '';
    const located = withAddress(pod, this.podIP, this.parts.hostIP);
    const environment = containerEnvironment(located, container, this.parts.sources(namespace));
    if (!environment.ok) return fail({ reason: 'CreateContainerConfigError', message: environment.error });
    const mounts = container.volumeMounts ?? [];
    const context: ProcessContext = {
      image,
      podIP: this.podIP,
      podName: pod.metadata.name,
      paths: containerPaths(image, mounts, (mount) => mountFolder(this.folder, pod, mount)),
      findService: (serviceNamespace, name) => this.parts.findService(serviceNamespace, name),
      machineEnv: this.parts.machineEnv,
      directory: `${this.folder}/containers/${container.name}`,
    };
    return ok({ context, variables: environment.value });
  }

  /** kubelet says ErrImagePull at an attempt and ImagePullBackOff while it waits for the next. */
  private refuse(pod: Pod, record: ContainerRecord, refusal: Refusal): void {
    const failures = (this.failures.get(record.name) ?? 0) + 1;
    this.failures.set(record.name, failures);
    record.retryAt = this.parts.clock.now() + retryDelay(failures);
    const isPull = refusal.reason === 'ErrImagePull';
    if (isPull) this.parts.event(pod, 'Warning', 'Failed', refusal.message.replace(/^f/, 'F'));
    const detail = isPull ? refusal.reason : refusal.message;
    this.parts.event(pod, 'Warning', 'Failed', `Error: ${detail}`);
    if (!isPull || failures === 1) {
      record.waiting = refusal;
      return;
    }
    const message = `Back-off pulling image "${record.image}": ErrImagePull: ${refusal.message}`;
    record.waiting = { reason: 'ImagePullBackOff', message };
    this.parts.event(pod, 'Normal', 'BackOff', `Back-off pulling image "${record.image}"`);
  }

  private began(pod: Pod, record: ContainerRecord, run: ContainerRun, log: LogFile): void {
    const { clock, limiter } = this.parts;
    recordProcess(this.folder, record.name, run.pid);
    limiter.limit(pod, record.name, run.pid);
    this.runs.set(record.name, { run, log });
    this.failures.delete(record.name);
    record.state = 'running';
    record.waiting = undefined;
    record.containerID = `process://${run.pid}-${record.startedAt ?? clock.now()}`;
    this.parts.event(pod, 'Normal', 'Started', `Started container ${record.name}`);
    void run.exited.then((exit) => this.ended(pod, record, exit));
    void run.watch({
      onStarted: () => {
        record.started = true;
        this.poke();
      },
      onReady: (ready) => {
        record.ready = ready;
        this.poke();
      },
      onUnhealthy: (kind, message) => {
        this.parts.event(pod, 'Warning', 'Unhealthy', `${kind} probe failed: ${message}`);
      },
      onMustEnd: (reason) => {
        const seconds = pod.spec.terminationGracePeriodSeconds ?? 30;
        const text = `Container ${record.name} ${reason}, will be restarted`;
        void this.stop(pod, record.name, seconds * 1000, text);
      },
    });
  }

  private async ended(pod: Pod, record: ContainerRecord, exit: ProcessExit): Promise<void> {
    const { clock, limiter } = this.parts;
    const now = clock.now();
    const { oomKilled } = limiter.release(pod, record.name);
    const running = this.runs.get(record.name);
    this.runs.delete(record.name);
    forgetProcess(this.folder, record.name);
    await running?.log.close();
    const message =
      running === undefined
        ? undefined
        : await terminationMessage(findContainer(pod, record.name), exit.code, running.log.path);
    const terminated: ContainerStateTerminated = {
      exitCode: exit.code,
      reason: oomKilled ? 'OOMKilled' : exit.code === 0 ? 'Completed' : 'Error',
      startedAt: timestamp(record.startedAt ?? now),
      finishedAt: timestamp(now),
      ...(message === undefined ? {} : { message }),
      ...(record.containerID === undefined ? {} : { containerID: record.containerID }),
    };
    noteExit(record, terminated, now);
    this.poke();
  }
}

export function findContainer(pod: Pod, name: string): Container | undefined {
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find(
    (container) => container.name === name,
  );
}

/** A pod learns its address from its environment before its status tells it. */
function withAddress(pod: Pod, podIP: string, hostIP: string): Pod {
  return {
    ...pod,
    status: { ...pod.status, podIP, podIPs: [{ ip: podIP }], hostIP, hostIPs: [{ ip: hostIP }] },
  };
}

function probeTarget(container: Container, { context, variables }: Prepared): ProbeTarget {
  return {
    podIP: context.podIP,
    portOf: (name) => container.ports?.find((port) => port.name === name)?.containerPort,
    processOf: (command) => {
      const words = command.map((word) => toHost(word, context));
      const own = processSpec(container, variables, context);
      const [program, ...args] = words;
      return own === undefined || program === undefined ? undefined : { ...own, command: program, args };
    },
  };
}

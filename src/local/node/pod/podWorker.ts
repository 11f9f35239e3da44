import { messageOf, sleep, type Timer } from '../../../base/index.js';
import { isConflict, isNotFound, resourceTypes } from '../../../kube/index.js';
import { isPodTerminal, parseTimestamp, type Pod, type PodStatus } from '../../objects/index.js';
import type { LogFile } from '../logs/logFile.js';
import { mountVolumes } from '../volume/volumes.js';
import { retryDelay } from './backoff.js';
import { type ContainerRecord, recordsOf } from './containerRecord.js';
import { podFolder, preparePodFolder, removePodFolder } from './folder.js';
import type { PodParts } from './parts.js';
import { planPod } from './plan.js';
import { PodContainers } from './podContainers.js';
import { podStatus } from './status.js';
import { statusChanges } from './statusChanges.js';

const DEFAULT_GRACE_SECONDS = 30;
const WRITE_RETRY_MS = 1000;

/**
 * One pod on this node. Everything that happens (a new version of the pod, an exit, a probe, a timer) pokes it; it then
 * looks at the whole and does what is due, one look at a time.
 */
export class PodWorker {
  readonly folder: string;
  readonly records: ContainerRecord[];
  private pod: Pod;
  private readonly containers: PodContainers;
  private readonly startTime: number;
  private written: PodStatus | undefined;
  private mounted = false;
  private volumesStale = false;
  private mountFailures = 0;
  private mountAt = 0;
  private stopped = false;
  private gone = false;
  private closing = false;
  private poked = false;
  private looking: Promise<void> | undefined;
  private timer: Timer | undefined;
  private termination: Promise<void> | undefined;

  constructor(
    private readonly parts: PodParts,
    pod: Pod,
    readonly podIP: string,
    /** The pod is gone from the node and from the API. */
    private readonly onGone: () => void,
  ) {
    const now = parts.clock.now();
    this.pod = pod;
    this.folder = podFolder(parts.home, pod.metadata.uid ?? '');
    this.records = recordsOf(pod, now);
    this.startTime = parseTimestamp(pod.status?.startTime) ?? now;
    this.written = pod.status;
    this.containers = new PodContainers(parts, this.folder, podIP, () => this.poke());
    preparePodFolder(
      this.folder,
      this.records.map(({ name }) => name),
    );
  }

  get current(): Pod {
    return this.pod;
  }

  /** Takes a new version of the pod from the API. */
  update(pod: Pod): void {
    this.pod = pod;
    if (this.termination !== undefined && pod.metadata.deletionTimestamp !== undefined) {
      this.containers.shorten(this.graceMs());
    }
    this.poke();
  }

  /** The pod has gone from the API by force: what runs is ended, nothing is reported. */
  remove(): void {
    this.gone = true;
    this.poke();
  }

  /** What the volumes are made of may have changed. */
  refreshVolumes(): void {
    this.mountAt = 0;
    this.volumesStale = true;
    for (const record of this.records) {
      if (record.waiting?.reason === 'CreateContainerConfigError') record.retryAt = 0;
    }
    this.poke();
  }

  logOf(container: string): LogFile | undefined {
    return this.containers.logOf(container);
  }

  /** Ends all containers because the node itself ends; the pod stays in the API. */
  async close(graceMs: number): Promise<void> {
    this.closing = true;
    this.timer?.cancel();
    await this.looking;
    const grace = Math.min(graceMs, this.graceMs());
    await this.inOrder((record) => this.containers.shutDown(record.name, grace));
  }

  poke(): void {
    this.poked = true;
    if (this.looking !== undefined || this.closing) return;
    this.looking = this.lookUntilQuiet().finally(() => {
      this.looking = undefined;
      // Who came after the last look, and before this, found somebody looking.
      if (this.poked) this.poke();
    });
  }

  private async lookUntilQuiet(): Promise<void> {
    while (this.poked && !this.closing) {
      this.poked = false;
      try {
        await this.look();
      } catch (error) {
        this.parts.logger.warn({ pod: this.pod.metadata.name, error: messageOf(error) }, 'pod not synced');
        this.wakeIn(WRITE_RETRY_MS);
      }
    }
  }

  private async look(): Promise<void> {
    if (this.gone || this.pod.metadata.deletionTimestamp !== undefined) {
      // Not awaited: news of a shorter grace period must get through meanwhile.
      this.termination ??= this.terminate();
      if (!this.stopped && !this.gone) await this.report();
      return;
    }
    if (isPodTerminal(this.pod) || this.stopped) return;
    const now = this.parts.clock.now();
    if (!this.mounted && now >= this.mountAt) await this.mount();
    else if (this.mounted && this.volumesStale) await this.remount();
    if (this.mounted) await this.startDue();
    else this.wakeIn(this.mountAt - this.parts.clock.now());
    await this.report();
  }

  /** A source that has gone meanwhile leaves the files as they were, as kubelet does. */
  private async remount(): Promise<void> {
    this.volumesStale = false;
    await mountVolumes(this.folder, this.locatedPod(), this.sources());
  }

  private async mount(): Promise<void> {
    this.volumesStale = false;
    const result = await mountVolumes(this.folder, this.locatedPod(), this.sources());
    this.mounted = result.ok;
    if (result.ok) return;
    this.mountFailures += 1;
    this.mountAt = this.parts.clock.now() + retryDelay(this.mountFailures);
    this.parts.event(this.pod, 'Warning', 'FailedMount', result.error.message);
  }

  private async startDue(): Promise<void> {
    const plan = planPod(this.pod, this.records, this.parts.clock.now());
    for (const record of plan.backingOff) this.noteBackOff(record);
    await Promise.all(plan.start.map((record) => this.containers.start(this.pod, record)));
    const next = planPod(this.pod, this.records, this.parts.clock.now());
    if (next.start.length > 0) this.poked = true;
    if (next.wakeAt !== undefined) this.wakeIn(next.wakeAt - this.parts.clock.now());
  }

  private noteBackOff(record: ContainerRecord): void {
    if (record.waiting !== undefined) return;
    const { namespace = '', name, uid = '' } = this.pod.metadata;
    const delay = (record.retryAt - this.parts.clock.now()) / 1000;
    const pod = `${name}_${namespace}`;
    const wait =
      delay >= 60 ? `${Math.floor(delay / 60)}m${Math.round(delay % 60)}s` : `${Math.ceil(delay)}s`;
    const message = `back-off ${wait} restarting failed container=${record.name} pod=${pod}(${uid})`;
    record.waiting = { reason: 'CrashLoopBackOff', message };
    const text = `Back-off restarting failed container ${record.name} in pod ${pod}(${uid})`;
    this.parts.event(this.pod, 'Warning', 'BackOff', text);
  }

  private async terminate(): Promise<void> {
    await this.stopAll(this.graceMs());
    this.stopped = true;
    const uid = this.pod.metadata.uid ?? '';
    while (!this.gone && !this.closing) {
      try {
        await this.report();
        await this.deleteFromApi();
        this.gone = true;
      } catch (error) {
        this.parts.logger.warn({ pod: this.pod.metadata.name, error: messageOf(error) }, 'pod not deleted');
        await sleep(this.parts.clock, WRITE_RETRY_MS);
      }
    }
    this.timer?.cancel();
    if (this.closing) return;
    await removePodFolder(this.parts.home, uid);
    this.onGone();
  }

  private async deleteFromApi(): Promise<void> {
    const { namespace, name, uid } = this.pod.metadata;
    const preconditions = uid === undefined ? undefined : { uid };
    try {
      await this.parts.client.delete(
        resourceTypes.pods,
        { namespace, name },
        { gracePeriodSeconds: 0, preconditions },
      );
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  private stopAll(graceMs: number): Promise<void> {
    return this.inOrder((record) =>
      this.containers.stop(this.pod, record.name, graceMs, `Stopping container ${record.name}`),
    );
  }

  /** Main containers first, then sidecars, as in Kubernetes. */
  private async inOrder(end: (record: ContainerRecord) => Promise<void>): Promise<void> {
    await Promise.all(this.records.filter(({ kind }) => kind !== 'sidecar').map(end));
    await Promise.all(this.records.filter(({ kind }) => kind === 'sidecar').map(end));
  }

  private graceMs(): number {
    const { deletionGracePeriodSeconds } = this.pod.metadata;
    const seconds = deletionGracePeriodSeconds ?? this.pod.spec.terminationGracePeriodSeconds;
    return Math.max(seconds ?? DEFAULT_GRACE_SECONDS, 1) * 1000;
  }

  private async report(): Promise<void> {
    const facts = {
      records: this.records,
      podIP: this.podIP,
      hostIP: this.parts.hostIP,
      startTime: this.startTime,
      mounted: this.mounted,
      stopped: this.stopped,
      reported: this.written?.conditions,
    };
    const status = podStatus(this.pod, facts, this.parts.clock.now());
    const changes = statusChanges(this.written, status);
    if (changes === undefined) return;
    const { namespace, name, uid } = this.pod.metadata;
    const body = { metadata: { uid }, status: changes };
    try {
      const ref = { namespace, name };
      const options = { type: 'merge', subresource: 'status' } as const;
      const patched = await this.parts.client.patch<Pod>(resourceTypes.pods, ref, body, options);
      // The status alone: the rest of the answer may be older than what the watch has told meanwhile.
      this.pod = { ...this.pod, status: patched.status };
      this.written = status;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      this.gone = true;
      this.poked = true;
    }
  }

  /** The pod as its own volumes see it: with the address it has, reported or not. */
  private locatedPod(): Pod {
    const { podIP, pod } = this;
    return { ...pod, status: { ...pod.status, podIP, podIPs: [{ ip: podIP }], hostIP: this.parts.hostIP } };
  }

  private sources() {
    return this.parts.sources(this.pod.metadata.namespace ?? '');
  }

  private wakeIn(ms: number): void {
    this.timer?.cancel();
    this.timer = this.parts.clock.schedule(Math.max(ms, 0), () => this.poke());
  }
}

import type { Pod } from '../objects/index.js';
import type { NodeCapacity } from './container/fieldRef.js';
import { logSource } from './logs/logSource.js';
import { type LogOptions, readLogs } from './logs/podLogs.js';
import type { NodeInformers } from './nodeInformers.js';
import { AddressPool } from './pod/addresses.js';
import { podFolders, removePodFolder } from './pod/folder.js';
import type { PodParts } from './pod/parts.js';
import { PodWorker } from './pod/podWorker.js';
import { overcommitment } from './registration.js';

export interface PodManagerOptions {
  readonly nodeName: string;
  readonly podCidr: string;
  readonly capacity: NodeCapacity;
  readonly informers: NodeInformers;
  readonly parts: PodParts;
}

/** The pods of this node: gives each its worker and its address, and tells the workers what changed. */
export class PodManager {
  private readonly addresses: AddressPool;
  private readonly workers = new Map<string, PodWorker>();

  constructor(private readonly options: PodManagerOptions) {
    this.addresses = new AddressPool(options.podCidr);
  }

  /** Takes up what an earlier run left: addresses are kept, folders of pods that are gone are removed. */
  async recover(): Promise<void> {
    const { home } = this.options.parts;
    const mine = this.pods();
    for (const { metadata, status } of mine) {
      const address = status?.podIP ?? '';
      if (address !== '') this.addresses.reserve(metadata.uid ?? '', address);
    }
    const known = new Set(mine.map(({ metadata }) => metadata.uid));
    const gone = podFolders(home).filter((uid) => !known.has(uid));
    await Promise.all(gone.map((uid) => removePodFolder(home, uid)));
  }

  /** Follows the API from now on. Returns how to stop. */
  watch(): () => void {
    const { pods, configMaps, secrets } = this.options.informers;
    const refresh = ({ object }: { object: { metadata: { namespace?: string } } }) =>
      this.refreshVolumes(object.metadata.namespace);
    const ends = [
      pods.subscribe(({ kind, object, previous }) => {
        if (object.spec.nodeName !== this.options.nodeName) return;
        const isReplaced = previous !== undefined && previous.metadata.uid !== object.metadata.uid;
        if (isReplaced) this.workers.get(previous.metadata.uid ?? '')?.remove();
        if (kind === 'deleted') this.workers.get(object.metadata.uid ?? '')?.remove();
        else this.admit(object);
      }),
      configMaps.subscribe(refresh),
      secrets.subscribe(refresh),
    ];
    return () => ends.forEach((end) => end());
  }

  logs(namespace: string, name: string, options: LogOptions): AsyncIterable<Uint8Array> {
    const pod = this.options.informers.pods.store.get(`${namespace}/${name}`);
    const worker = this.workers.get(pod?.metadata.uid ?? '');
    const source = logSource(name, { pod, worker }, options);
    return readLogs({ ...source, now: this.options.parts.clock.now() }, options);
  }

  /** Ends every container; the pods stay in the API. */
  async close(graceMs: number): Promise<void> {
    await Promise.all([...this.workers.values()].map((worker) => worker.close(graceMs)));
  }

  private pods(): Pod[] {
    const { informers, nodeName } = this.options;
    return informers.pods.store.list().filter(({ spec }) => spec.nodeName === nodeName);
  }

  private admit(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const worker = this.workers.get(uid);
    if (worker === undefined) {
      this.begin(pod, uid);
      return;
    }
    const before = downwardFields(worker.current);
    worker.update(pod);
    if (downwardFields(pod) !== before) worker.refreshVolumes();
  }

  private begin(pod: Pod, uid: string): void {
    const { parts, capacity } = this.options;
    const worker = new PodWorker(parts, pod, this.addresses.of(uid), () => {
      this.workers.delete(uid);
      this.addresses.release(uid);
    });
    this.workers.set(uid, worker);
    const warning = overcommitment(this.pods(), capacity);
    if (warning !== undefined) parts.event(pod, 'Warning', 'Overcommitted', warning);
    worker.poke();
  }

  private refreshVolumes(namespace: string | undefined): void {
    for (const worker of this.workers.values()) {
      if (worker.current.metadata.namespace === namespace) worker.refreshVolumes();
    }
  }
}

/** What of a pod its own volumes may show and may change while it runs. */
function downwardFields({ metadata: { labels, annotations } }: Pod): string {
  return JSON.stringify([labels, annotations]);
}

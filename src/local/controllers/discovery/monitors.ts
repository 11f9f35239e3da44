import { messageOf, sleep } from '../../../base/index.js';
import {
  type Client,
  createInformer,
  type Informer,
  type KubeObject,
  type ResourceType,
  resourceTypes,
} from '../../../kube/index.js';
import type { ControllerContext, Runner } from '../context.js';
import { discoverResources } from './discover.js';

/** A change of an object of any kind. */
export interface MonitoredChange {
  readonly kind: 'added' | 'updated' | 'deleted';
  readonly type: ResourceType;
  readonly object: KubeObject;
}

interface Monitor {
  readonly type: ResourceType;
  readonly informer: Informer<KubeObject>;
  /** Ends the watch: an informer of its own, or a subscription to a shared one. */
  end(): void;
}

const RETRY_MS = 1000;

/** Watches every kind the server has; kinds that custom resource definitions add or take away come and go. */
export class ResourceMonitors implements Runner {
  private readonly monitors = new Map<string, Monitor>();
  private readonly handlers: ((change: MonitoredChange) => void)[] = [];
  private readonly definitions: Informer<KubeObject>;
  private readonly client: Client;
  private wanted = false;
  private wake: () => void = () => undefined;

  constructor(private readonly context: ControllerContext) {
    this.client = context.client;
    this.definitions = context.informers.of(resourceTypes.customResourceDefinitions);
  }

  /** To be called before `run`. */
  subscribe(handler: (change: MonitoredChange) => void): void {
    this.handlers.push(handler);
  }

  /** The kinds that are watched now. */
  types(): ResourceType[] {
    return [...this.monitors.values()].map(({ type }) => type);
  }

  /** The kind an owner reference means, in whichever version it is served here. */
  typeOf(apiVersion: string, kind: string): ResourceType | undefined {
    const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
    return this.types().find((type) => type.group === group && type.kind === kind);
  }

  async run(signal: AbortSignal): Promise<void> {
    const unsubscribe = this.definitions.subscribe(() => this.refresh());
    const onAbort = () => this.wake();
    signal.addEventListener('abort', onAbort, { once: true });
    this.wanted = true;
    while (!signal.aborted) {
      if (this.wanted) {
        this.wanted = false;
        await this.discover(signal);
      } else {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    }
    unsubscribe();
    for (const monitor of this.monitors.values()) monitor.end();
  }

  /** Looks at the server's kinds again, soon. */
  private refresh(): void {
    this.wanted = true;
    this.wake();
  }

  private async discover(signal: AbortSignal): Promise<void> {
    try {
      const types = await discoverResources(this.client);
      const keys = new Set(types.map(keyOf));
      for (const [key, monitor] of this.monitors) if (!keys.has(key)) this.drop(key, monitor);
      for (const type of types) if (!this.monitors.has(keyOf(type))) this.begin(type);
    } catch (error) {
      if (signal.aborted) return;
      this.context.logger.warn({ error: messageOf(error) }, 'discovery failed');
      await sleep(this.context.clock, RETRY_MS, signal);
      this.wanted = true;
    }
  }

  private begin(type: ResourceType): void {
    const shared = this.context.informers.known(type);
    const informer = shared ?? createInformer<KubeObject>({ ...this.context, type });
    const unsubscribe = informer.subscribe(({ kind, object }) => this.tell({ kind, type, object }));
    const stop = new AbortController();
    const end = () => {
      unsubscribe();
      stop.abort();
    };
    this.monitors.set(keyOf(type), { type, informer, end });
    if (shared === undefined) void informer.run(stop.signal);
  }

  private drop(key: string, monitor: Monitor): void {
    this.monitors.delete(key);
    monitor.end();
    const { type, informer } = monitor;
    for (const object of informer.store.list()) this.tell({ kind: 'deleted', type, object });
  }

  private tell(change: MonitoredChange): void {
    for (const handler of this.handlers) handler(change);
  }
}

function keyOf(type: ResourceType): string {
  return `${type.group}/${type.plural}`;
}

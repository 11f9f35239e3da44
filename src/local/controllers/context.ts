import type { Clock, Logger, Random } from '../../base/index.js';
import {
  type Client,
  createEventRecorder,
  createInformer,
  type EventRecorder,
  type Informer,
  type KubeObject,
  type ResourceType,
} from '../../kube/index.js';
import type { EventDraft } from './write.js';

export interface ControllersOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** What every controller works with. */
export interface ControllerContext extends ControllersOptions {
  readonly informers: SharedInformers;
}

export interface Runner {
  /** Ends, without error, when the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** One informer a kind, whoever asks for it; all of them run together. */
export class SharedInformers implements Runner {
  private readonly options: ControllersOptions;
  private readonly informers = new Map<string, Informer<KubeObject>>();

  constructor(options: ControllersOptions) {
    this.options = options;
  }

  /** The informer of a kind some controller has asked for. */
  known(type: ResourceType): Informer<KubeObject> | undefined {
    return this.informers.get(`${type.group}/${type.plural}`);
  }

  /** To be called before `run`. */
  of<T extends KubeObject>(type: ResourceType): Informer<T> {
    const key = `${type.group}/${type.plural}`;
    const known = this.informers.get(key);
    if (known !== undefined) return known as unknown as Informer<T>;
    const informer = createInformer<T>({ ...this.options, type });
    this.informers.set(key, informer);
    return informer;
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.informers.values()].map((informer) => informer.run(signal)));
  }

  async synced(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.informers.values()].map((informer) => informer.synced(signal)));
  }
}

/** Records what a decision wants told, in the name of `component`. */
export function eventSink(
  context: ControllersOptions,
  component: string,
): (object: KubeObject, events: readonly EventDraft[]) => void {
  const recorder: EventRecorder = createEventRecorder({ ...context, component, instance: component });
  return (object, events) => {
    for (const { type, reason, message } of events) recorder.event(object, type, reason, message);
  };
}

import type { Clock, Logger } from '../../../base/index.js';
import type { Client } from '../../../kube/index.js';
import type { Pod, Service } from '../../objects/index.js';
import type { Sources } from '../container/environment.js';
import type { LocalImage } from '../image.js';
import type { Prober } from '../probe/prober.js';
import type { ProcessSpawner } from '../process/spawner.js';

/** What of a pod's resources the machine can enforce. */
export interface ResourceLimiter {
  /** Puts the process under the container's limits. */
  limit(pod: Pod, container: string, pid: number): void;
  /** Whether the kernel ended the container for its memory; forgets the container's group. */
  release(pod: Pod, container: string): { oomKilled: boolean };
}

/** What a pod's worker works with. */
export interface PodParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly spawner: ProcessSpawner;
  readonly prober: Prober;
  readonly limiter: ResourceLimiter;
  readonly images: readonly LocalImage[];
  readonly home: string;
  readonly hostIP: string;
  readonly machineEnv: Readonly<Record<string, string>>;
  sources(namespace: string): Sources;
  findService(namespace: string, name: string): Service | undefined;
  event(pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string): void;
}

/** What becomes of every answer: it is counted, and told to the access log. */
import type { Clock } from '../../base/index.js';
import type { AnsweredCall } from '../grpc/index.js';
import type { Exchange } from '../http/exchange.js';
import type { AccessEntry, AccessLog } from './accessLog.js';

export class AnsweredRequests {
  readonly #accessLog: AccessLog;
  readonly #clock: Clock;
  readonly #httpStatuses = new Map<number, number>();
  readonly #grpcStatuses = new Map<number, number>();

  constructor(accessLog: AccessLog, clock: Clock) {
    this.#accessLog = accessLog;
    this.#clock = clock;
  }

  /** HTTP answers by status. */
  get httpStatuses(): ReadonlyMap<number, number> {
    return this.#httpStatuses;
  }

  /** gRPC answers by status: numbers of google.rpc.Code. */
  get grpcStatuses(): ReadonlyMap<number, number> {
    return this.#grpcStatuses;
  }

  readonly http = ({ method, url, context, client }: Exchange, status: number, startedAt: number): void => {
    count(this.#httpStatuses, status);
    const durationMs = this.#clock.monotonic() - startedAt;
    const probe = method === 'GET' && isProbe(pathOf(url));
    if (!probe && !this.#accessLog.wants(status >= 400, durationMs)) return;
    this.#write({ context, client: client?.name, method, path: pathOf(url), status, durationMs }, probe);
  };

  readonly grpc = ({ context, client, path, status, durationMs }: AnsweredCall): void => {
    count(this.#grpcStatuses, status);
    const probe = isProbe(path);
    if (!probe && !this.#accessLog.wants(status !== 0, durationMs)) return;
    this.#write({ context, client: client?.name, method: 'gRPC', path, status, durationMs }, probe);
  };

  #write(entry: AccessEntry, probe: boolean): void {
    if (probe) this.#accessLog.writeProbe(entry);
    else this.#accessLog.write(entry);
  }
}

function count(statuses: Map<number, number>, status: number): void {
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '';
}

/** HTTP's `/v2/health/live`, `/v2/models/NAME/ready`; gRPC's `…/ServerLive`, `…/ModelReady`, `/grpc.health.v1.Health/Check`. */
const PROBE =
  /^\/v2\/(health\/|models\/.*\/ready$)|\/(Server|Model)(Live|Ready)$|^\/grpc\.health\.v1\.Health\//;

function isProbe(path: string): boolean {
  return PROBE.test(path);
}

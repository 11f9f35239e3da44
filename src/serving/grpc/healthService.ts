/** `grpc.health.v1.Health`: what Kubernetes' gRPC probes and load balancers ask. */
import type { ServerWritableStream, UntypedServiceImplementation } from '@grpc/grpc-js';
import { fail, ok } from '../../base/index.js';
import { type MethodOptions, unary } from './answers.js';
import { INFERENCE_SERVICE, MALFORMED } from './services.js';

type ServingStatus = 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';

interface CheckRequest {
  readonly service: string;
}

type Watcher = ServerWritableStream<CheckRequest, { readonly status: ServingStatus }>;

/** Empty is the server as a whole. */
const SERVICES: readonly string[] = ['', INFERENCE_SERVICE];

export class HealthService {
  readonly #isReady: () => boolean;
  readonly #watchers = new Set<Watcher>();
  readonly implementation: UntypedServiceImplementation;

  constructor(isReady: () => boolean, options: MethodOptions) {
    this.#isReady = isReady;
    this.implementation = {
      Check: unary(({ service }: CheckRequest) => {
        const status = this.#statusOf(service);
        if (status !== 'SERVICE_UNKNOWN') return ok({ status });
        return fail({ code: 'ModelNotFound', message: `there is no service "${service}"` });
      }, options),
      List: unary(
        () =>
          ok({
            statuses: Object.fromEntries(SERVICES.map((name) => [name, { status: this.#statusOf(name) }])),
          }),
        options,
      ),
      Watch: (call: Watcher) => this.#watch(call),
    };
  }

  /** Tells whoever watches what the status is now. */
  changed(): void {
    for (const watcher of this.#watchers) watcher.write({ status: this.#statusOf(watcher.request.service) });
  }

  /** Tells whoever watches a last time and ends their calls: they would hold up the shutdown. */
  close(): void {
    this.changed();
    for (const watcher of this.#watchers) watcher.end();
    this.#watchers.clear();
  }

  #watch(call: Watcher): void {
    const { request } = call as { readonly request: CheckRequest | typeof MALFORMED };
    if (request === MALFORMED) {
      call.end();
      return;
    }
    this.#watchers.add(call);
    call.on('cancelled', () => this.#watchers.delete(call));
    call.write({ status: this.#statusOf(request.service) });
  }

  #statusOf(service: string): ServingStatus {
    if (!SERVICES.includes(service)) return 'SERVICE_UNKNOWN';
    return this.#isReady() ? 'SERVING' : 'NOT_SERVING';
  }
}

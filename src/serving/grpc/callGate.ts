/** Stands in front of every method: lets no call through that may not ask, or whose request does not arrive. */
import {
  type Metadata,
  type ServerInterceptor,
  ServerInterceptingCall,
  ServerListenerBuilder,
  status,
} from '@grpc/grpc-js';
import { type Admission, type Client, EVERYBODY, type Gate } from '../auth/index.js';
import { type CallObserver, contextOf, failureStatus } from './answers.js';

export interface CallGateOptions extends CallObserver {
  /** Undefined where everybody may ask. */
  readonly gate: Gate | undefined;
  /** Names in the verified certificate of the connection from `peer` (address:port). */
  readonly certificateNames: (peer: string) => readonly string[];
}

/** A request that takes longer to arrive is an attack or a dead link, as over HTTP. */
const REQUEST_MS = 60_000;

export class CallGate {
  readonly #options: CallGateOptions;
  readonly #clients = new WeakMap<Metadata, Client>();

  constructor(options: CallGateOptions) {
    this.#options = options;
  }

  /** Who makes the call with this metadata; undefined where everybody may ask. */
  readonly clientOf = (metadata: Metadata): Client | undefined => this.#clients.get(metadata);

  /** Whether the call with this metadata may go on, and whose it is by now; counts it against its client's limit. */
  readonly admit = (metadata: Metadata, peer: string): Admission | Promise<Admission> => {
    const { gate, certificateNames } = this.#options;
    if (gate === undefined) return EVERYBODY;
    const authorization = metadata.get('authorization')[0]?.toString();
    return gate.admit({ authorization, certificateNames: certificateNames(peer) });
  };

  readonly intercept: ServerInterceptor = ({ path }, call) => {
    const { clock, onAnswered } = this.#options;
    const tooSlow = clock.schedule(REQUEST_MS, () =>
      call.sendStatus({ code: status.DEADLINE_EXCEEDED, details: 'the request did not arrive in time' }),
    );
    const decide = (
      { client, refusal }: Admission,
      metadata: Metadata,
      pass: (metadata: Metadata) => void,
    ) => {
      if (client !== undefined) this.#clients.set(metadata, client);
      if (refusal === undefined) {
        pass(metadata);
        return;
      }
      tooSlow.cancel();
      const failure = failureStatus(refusal);
      call.sendStatus(failure);
      onAnswered({ context: contextOf(metadata), client, path, status: failure.code, durationMs: 0 });
    };
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, pass) => {
        const admission = this.admit(metadata, call.getPeer());
        if (admission instanceof Promise) void admission.then((late) => decide(late, metadata, pass));
        else decide(admission, metadata, pass);
      })
      .withOnReceiveMessage((message, pass) => {
        tooSlow.cancel();
        pass(message);
      })
      .withOnReceiveHalfClose((pass) => {
        tooSlow.cancel();
        pass();
      })
      .withOnCancel(() => tooSlow.cancel())
      .build();
    return new ServerInterceptingCall(call, { start: (next) => next(listener) });
  };
}

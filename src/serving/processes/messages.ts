/** What the processes of a pod say to each other. The first process started the others, and each talks to it alone. */
import type { Server } from 'node:net';

/** What every process of the pod is asked, for one answer of them all. */
export type Question =
  | { readonly what: 'metrics' }
  | { readonly what: 'statistics'; readonly model: string; readonly version: string }
  /** Drops what the cache holds of a version, and begins this generation of its keys. */
  | {
      readonly what: 'purge';
      readonly model: string;
      readonly version: string;
      readonly generation: number;
    };

export type PortName = 'http' | 'grpc';

export interface DrainLimits {
  readonly lingerMs: number;
  readonly graceMs: number;
}

export type Message =
  /** A member has its models and may be given the sockets. */
  | { readonly kind: 'ready' }
  /** Comes with the listening socket, which all processes of the pod accept on. */
  | { readonly kind: 'join'; readonly port: PortName }
  | ({ readonly kind: 'drain' } & DrainLimits)
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown };

/** One end of the line between two processes: what ChildProcess and process have in common. */
export interface Line {
  send(message: Message, socket?: Server): void;
  onMessage(listener: (message: Message, socket: Server | undefined) => void): void;
}

/** What the processes of a pod need of the server in each of them. */
export interface PodProcess {
  answer(question: Question): Promise<unknown>;
  /** From now on questions about the pod go to `ask`, which answers for every process, this one included. */
  joinPod(ask: (question: Question) => Promise<readonly unknown[]>): void;
  drain(limits: DrainLimits): Promise<void>;
}

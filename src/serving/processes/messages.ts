/** What the processes of a pod say to each other. The first process started the others, and each talks to it alone. */
import type { Server, Socket } from 'node:net';
import type { Result } from '../../base/index.js';
import type { LeaseRequest, Lender } from '../auth/index.js';
import type { ModelChange, ModelSource } from '../dataplane/index.js';
import type { GiveConnection } from '../http/spreadConnections.js';
import type { InferenceError } from '../protocol/inference.js';

/** What is asked of every process of the pod, for one answer of them all. */
export type PodQuestion =
  | { readonly what: 'metrics' }
  | { readonly what: 'statistics'; readonly model: string; readonly version: string }
  /** Drops what the cache holds of a version, and begins this generation of its keys. */
  | {
      readonly what: 'purge';
      readonly model: string;
      readonly version: string;
      readonly generation: number;
    };

/** The two steps in which every process, or none, changes what it serves. Answered with a ChangeAnswer. */
export type ChangeStep =
  | { readonly what: 'prepare'; readonly change: ModelChange }
  | { readonly what: 'commit' }
  | { readonly what: 'abandon' };

/** What the others ask the first process alone. */
export type FirstQuestion =
  /** Answered with the PodShare. */
  | { readonly what: 'share' }
  /** Answered with a ChangeAnswer. */
  | { readonly what: 'order'; readonly order: ModelOrder }
  /** Answered with a Lease. */
  | { readonly what: 'lease'; readonly request: LeaseRequest };

export type Question = PodQuestion | ChangeStep | FirstQuestion;

/** What a client may order. */
export interface ModelOrder {
  readonly action: 'load' | 'unload';
  readonly model: string;
}

export type ChangeAnswer = Result<undefined, InferenceError>;

/** What another process of the pod is to be. */
export interface PodShare {
  /** What every process serves now. */
  readonly models: readonly ModelSource[];
  /** Processes of the pod: what is configured for the pod is shared among them. */
  readonly processes: number;
}

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
  /** Comes with a connection that the first process accepted for this one, and keeps until it is told that it was taken. */
  | { readonly kind: 'connection'; readonly id: number }
  | { readonly kind: 'connection-answer'; readonly id: number; readonly taken: boolean }
  | ({ readonly kind: 'drain' } & DrainLimits)
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown };

/** One end of the line between two processes: what ChildProcess and process have in common. */
export interface Line {
  send(message: Message, socket?: Server | Socket): void;
  onMessage(listener: (message: Message, socket: Server | Socket | undefined) => void): void;
}

/** The pod around a process. */
export interface Pod {
  /** Answers of every process, this one included. */
  readonly ask: (question: PodQuestion) => Promise<readonly unknown[]>;
  /** Has every process do as ordered. */
  readonly order: (order: ModelOrder) => Promise<ChangeAnswer>;
  /** Borrows requests of a client from the process that counts them. */
  readonly borrow: Lender;
}

/** What the processes of a pod need of the server in each of them. */
export interface PodProcess {
  answer(question: Question): Promise<unknown>;
  drain(limits: DrainLimits): Promise<void>;
}

/** A process that another one started. */
export interface MemberServer extends PodProcess {
  /** From now on the pod answers what is asked of the server as a whole. */
  joinPod(pod: Pod): void;
}

/** The pod, for the process that started the others. */
export interface LedPod extends Pick<Pod, 'ask'> {
  /** Processes there are to be, this one included. */
  readonly processes: number;
  /** Changes what every process serves, or none. */
  readonly change: (change: ModelChange) => Promise<ChangeAnswer>;
}

/** The process that started the others. */
export interface FirstServer extends PodProcess {
  /** From now on there are other processes, which change as this one does. */
  leadPod(pod: LedPod): void;
  /**
   * Has connections of HTTP go to this process and others in turn: `elsewhere` says whose it is, undefined for this one. False where they
   * cannot be given away, and all processes have to accept.
   */
  spread(elsewhere: () => GiveConnection | undefined): boolean;
}

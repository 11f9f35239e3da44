/** A client's limit, and who keeps count of it: one count for all the processes of a pod. */
import type { Clock } from '../../base/index.js';

/** `burst` requests at once, and `ratePerSecond` in the long run. */
export interface RateLimit {
  readonly ratePerSecond: number;
  readonly burst: number;
}

export interface Allowance {
  readonly limit: RateLimit;
  /** Whether `take` would answer at once. */
  readonly isDecided: boolean;
  /** Takes one request's worth; 0 when there was one, else the seconds until there is. */
  take(): number | Promise<number>;
}

/** Requests that a process may let through without asking again. */
export interface Lease {
  readonly granted: number;
  /** What of the lease before goes on with this one. */
  readonly kept: number;
  /** When less was granted than wanted: seconds until there is one more. */
  readonly seconds: number;
}

/** How long a process may use what it was lent, in milliseconds from when it asked: what it has not used then is void. */
export const LEASE_MS = 1_000;

export interface LeaseRequest {
  readonly client: string;
  /** Tells the processes apart that borrow. */
  readonly borrower: number;
  /** What is left of the lease before, which this one replaces. */
  readonly held: number;
  /** How many more; 0 gives back what is held. */
  readonly wanted: number;
  /** How many of these are for requests that wait, and are used as they come. */
  readonly waiting: number;
}

/** The process that keeps count. Undefined when it does not answer. */
export type Lender = (request: LeaseRequest) => Promise<Lease | undefined>;

/** How a process counts that does not keep the count itself. */
export interface Borrowing {
  readonly lender: Lender;
  readonly borrower: number;
  /** Processes of the pod, the lender included. */
  readonly processes: number;
}

/** Where the requests of this process' clients are counted: in this process, unless it borrows. */
export interface Counting {
  readonly clock: Clock;
  readonly borrowing?: Borrowing | undefined;
}

import type { Clock } from '../../base/index.js';
import { isAlreadyExists, isConflict } from '../apiError.js';
import type { Client } from '../client/contract.js';
import { apiVersionOf, resourceTypes } from '../resourceTypes.js';
import { type Lease, microTime, readLease } from './lease.js';

export interface CandidateOptions {
  readonly client: Client;
  readonly namespace: string;
  readonly name: string;
  /** Unique to this process. */
  readonly identity: string;
  readonly leaseDurationMs: number;
  readonly clock: Clock;
}

export type Attempt =
  /** The lease is ours from `since` (the monotonic time before the write was sent) for the lease's duration. */
  { readonly held: true; readonly since: number } | { readonly held: false; readonly holder: string };

export interface Candidate {
  /** Takes the lease when it is free or run out, renews it when it is ours. Rejects when there is no answer. */
  attempt(signal: AbortSignal): Promise<Attempt>;
  /** Gives the lease back, so that another may take it at once. */
  release(signal: AbortSignal): Promise<void>;
}

/**
 * One competitor for a Lease, with client-go's rules. Nobody's wall clock is trusted: a foreign lease runs out when this
 * process has seen it unchanged for its whole duration by its own clock.
 */
export function createCandidate(options: CandidateOptions): Candidate {
  const { client, clock, identity } = options;
  const ref = { namespace: options.namespace, name: options.name };
  /** The version of a lease, and when it was first seen here. */
  let seen: { readonly version: string | undefined; readonly at: number } | undefined;
  /** The lease as we last wrote it, until something contradicts. */
  let mine: Lease | undefined;

  const observe = ({ metadata: { resourceVersion } }: Lease) => {
    if (seen?.version !== resourceVersion) seen = { version: resourceVersion, at: clock.monotonic() };
  };
  const isOurs = (lease: Lease) => lease.spec?.holderIdentity === identity;
  const isFree = (lease: Lease) => {
    const holder = lease.spec?.holderIdentity ?? '';
    if (holder === '' || holder === identity) return true;
    const seconds = lease.spec?.leaseDurationSeconds ?? options.leaseDurationMs / 1000;
    return seen !== undefined && clock.monotonic() >= seen.at + seconds * 1000;
  };

  const specFor = (lease: Lease | undefined): Lease['spec'] => {
    const now = microTime(clock.now());
    const ours = lease !== undefined && isOurs(lease);
    const transitions = lease?.spec?.leaseTransitions ?? 0;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(options.leaseDurationMs / 1000),
      acquireTime: ours ? (lease.spec?.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: lease === undefined || ours ? transitions : transitions + 1,
    };
  };

  const write = async (lease: Lease | undefined, signal: AbortSignal): Promise<Attempt> => {
    const since = clock.monotonic();
    const spec = specFor(lease);
    const type = resourceTypes.leases;
    try {
      const written =
        lease === undefined
          ? await client.create<Lease>(
              type,
              { apiVersion: apiVersionOf(type), kind: type.kind, metadata: ref, spec },
              { signal },
            )
          : await client.update<Lease>(type, { ...lease, spec }, { signal });
      observe(written);
      mine = written;
      return { held: true, since };
    } catch (error) {
      // Somebody else was quicker, or it is not known what was written: the next attempt reads.
      mine = undefined;
      if (isConflict(error) || isAlreadyExists(error)) return { held: false, holder: '' };
      throw error;
    }
  };

  return {
    async attempt(signal) {
      // The holder renews by what it last wrote: one request, and a conflict tells when that is no longer true.
      if (mine !== undefined) return write(mine, signal);
      const lease = await readLease(client, ref, signal);
      if (lease === undefined) return write(undefined, signal);
      observe(lease);
      if (!isFree(lease)) return { held: false, holder: lease.spec?.holderIdentity ?? '' };
      return write(lease, signal);
    },
    async release(signal) {
      if (mine === undefined) return;
      const lease = mine;
      mine = undefined;
      const now = microTime(clock.now());
      const leaseTransitions = lease.spec?.leaseTransitions ?? 0;
      const spec = { leaseDurationSeconds: 1, acquireTime: now, renewTime: now, leaseTransitions };
      await client.update<Lease>(resourceTypes.leases, { ...lease, spec }, { signal });
    },
  };
}

import { isNotFound } from '../apiError.js';
import type { Client } from '../client/contract.js';
import type { KubeObject } from '../object.js';
import { resourceTypes } from '../resourceTypes.js';

/** coordination.k8s.io/v1 Lease. */
export interface Lease extends KubeObject {
  spec?: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    /** MicroTime: RFC 3339 with microseconds. */
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
}

/** Milliseconds since the epoch as a MicroTime. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}

/** The lease as the server has it, read past every cache; undefined when there is none. */
export async function readLease(
  client: Client,
  ref: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<Lease | undefined> {
  try {
    return await client.get<Lease>(resourceTypes.leases, ref, { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** What a purge has done, as HTTP tells it. */

export interface PurgedVersion {
  readonly version: string;
  /** Entries dropped in the processes of this pod. */
  readonly memory_entries: number;
  /** Entries removed from Redis; not given where they were not all counted. */
  readonly redis_entries?: number;
}

export interface PurgeReport {
  readonly name: string;
  readonly purged: readonly PurgedVersion[];
  /** `none`: there is no Redis, and other pods keep what they have. `pending`: it does not answer, and is told when it does. */
  readonly redis: 'none' | 'purged' | 'pending';
}

/** What the operator is told once, at its start; the same for every ModelDeployment. */
export interface OperatorConfig {
  /** Image of the pods where `spec.source.image.reference` names none. */
  readonly image: string;
  /**
   * `status.url`: `{name}`, `{namespace}`, `{clusterIP}` and `{port}` are filled in. With `{clusterIP}` there is no URL
   * until the Service has its address.
   */
  readonly urlTemplate: string;
  /** URL of the Redis that came with the operator, for `spec.cache.redis.managed`; without a password. */
  readonly managedRedisUrl?: string;
  /** Seconds a pod goes on serving after it was told to stop, while endpoints and proxies forget it. */
  readonly preStopSeconds: number;
  /** The one namespace to look after; all of them when not given. */
  readonly namespace?: string;
  /** ModelDeployments reconciled at the same time. */
  readonly workers: number;
  /** The Lease that keeps two operators apart; none when not given. */
  readonly leaderElection?: { readonly namespace: string; readonly name: string };
  /** Unique name of this process in leader election and in Events. */
  readonly identity: string;
}

export const DEFAULT_URL_TEMPLATE = 'http://{name}.{namespace}.svc:{port}';

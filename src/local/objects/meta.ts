import type { KubeObject, ObjectMeta, OwnerReference } from '../../kube/index.js';

/** meta/v1 LabelSelector. */
export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

/** A condition as most kinds have it. */
export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  /** RFC 3339, whole seconds. */
  lastTransitionTime?: string;
  lastUpdateTime?: string;
  lastProbeTime?: string | null;
  observedGeneration?: number;
}

/** An object of the API before the server has given it a name, a uid or a version. */
export type Draft<T extends KubeObject> = Omit<T, 'metadata'> & {
  metadata: Partial<ObjectMeta>;
};

/** `deployment.kubernetes.io/…` and RFC 3339 in whole seconds, as the API writes times. */
export function timestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

/** Milliseconds since the epoch of an API time; `undefined` when there is none. */
export function parseTimestamp(time: string | null | undefined): number | undefined {
  if (time === undefined || time === null) return undefined;
  const milliseconds = Date.parse(time);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

/** The owner reference that makes `owner` the managing controller (controller, blocking its foreground deletion). */
export function controllerReference(owner: KubeObject): OwnerReference {
  const { name, uid } = owner.metadata;
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name,
    uid: uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

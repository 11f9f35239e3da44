/** The parts of built-in objects that the plan reads. */
import type { KubeObject } from '../../kube/index.js';

export type ObservedDeployment = KubeObject & {
  spec?: {
    replicas?: number;
    template?: { metadata?: { annotations?: Record<string, string> } };
  };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
  };
};

export interface Terminated {
  exitCode: number;
  reason?: string;
  message?: string;
  startedAt?: string;
  finishedAt?: string;
}

export interface ContainerState {
  waiting?: { reason?: string; message?: string };
  running?: { startedAt?: string };
  terminated?: Terminated;
}

export interface ContainerStatus {
  name: string;
  ready?: boolean;
  restartCount?: number;
  state?: ContainerState;
  lastState?: ContainerState;
}

export type ObservedPod = KubeObject & {
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
    containerStatuses?: ContainerStatus[];
  };
};

export type ObservedService = KubeObject & { spec?: { clusterIP?: string } };

/** Everything the plan knows of the cluster, read at one moment from the informers' stores. */
export interface Observed {
  /** Children by `childKey`: those whose controller is the ModelDeployment. */
  readonly children: ReadonlyMap<string, KubeObject>;
  readonly pods: readonly ObservedPod[];
}

/** `Deployment/volatility` */
export function childKey(object: { kind: string; metadata: { name: string } }): string {
  return `${object.kind}/${object.metadata.name}`;
}

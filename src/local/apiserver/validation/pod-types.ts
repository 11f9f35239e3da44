/** The parts of pods that are validated. Types of fields were checked when the body was read. */
export interface PodTemplate {
  readonly metadata?: {
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly spec?: PodSpec;
}

export interface PodSpec {
  readonly activeDeadlineSeconds?: number;
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly dnsPolicy?: string;
  readonly hostAliases?: readonly { ip?: string; hostnames?: readonly string[] }[];
  readonly hostNetwork?: boolean;
  readonly hostname?: string;
  readonly nodeSelector?: Record<string, string>;
  readonly priorityClassName?: string;
  readonly restartPolicy?: string;
  readonly securityContext?: SecurityContext;
  readonly serviceAccountName?: string;
  readonly subdomain?: string;
  readonly terminationGracePeriodSeconds?: number;
  readonly tolerations?: readonly Toleration[];
  readonly topologySpreadConstraints?: readonly SpreadConstraint[];
  readonly volumes?: readonly Volume[];
}

export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
  readonly tolerationSeconds?: number;
}

export interface SpreadConstraint {
  readonly maxSkew?: number;
  readonly topologyKey?: string;
  readonly whenUnsatisfiable?: string;
}

export interface SecurityContext {
  readonly allowPrivilegeEscalation?: boolean;
  readonly fsGroup?: number;
  readonly privileged?: boolean;
  readonly runAsGroup?: number;
  readonly runAsUser?: number;
  readonly seccompProfile?: { type?: string; localhostProfile?: string };
}

export interface Container {
  readonly name?: string;
  readonly image?: string;
  readonly imagePullPolicy?: string;
  readonly env?: readonly EnvVar[];
  readonly envFrom?: readonly EnvFrom[];
  readonly lifecycle?: { postStart?: Handler; preStop?: Handler };
  readonly livenessProbe?: Probe;
  readonly ports?: readonly ContainerPort[];
  readonly readinessProbe?: Probe;
  readonly resources?: Resources;
  readonly securityContext?: SecurityContext;
  readonly startupProbe?: Probe;
  readonly terminationMessagePolicy?: string;
  readonly volumeMounts?: readonly VolumeMount[];
}

export interface ContainerPort {
  readonly containerPort?: number;
  readonly hostPort?: number;
  readonly name?: string;
  readonly protocol?: string;
}

export interface KeySelector {
  readonly name?: string;
  readonly key?: string;
}

export interface EnvVar {
  readonly name?: string;
  readonly value?: string;
  readonly valueFrom?: {
    fieldRef?: FieldRef;
    resourceFieldRef?: { resource?: string; containerName?: string };
    configMapKeyRef?: KeySelector;
    secretKeyRef?: KeySelector;
  };
}

export interface FieldRef {
  readonly apiVersion?: string;
  readonly fieldPath?: string;
}

export interface EnvFrom {
  readonly prefix?: string;
  readonly configMapRef?: { name?: string };
  readonly secretRef?: { name?: string };
}

export interface Handler {
  readonly exec?: { command?: readonly string[] };
  readonly grpc?: { port?: number };
  readonly httpGet?: {
    path?: string;
    port?: number | string;
    scheme?: string;
    httpHeaders?: { name?: string }[];
  };
  readonly sleep?: { seconds?: number };
  readonly tcpSocket?: { port?: number | string };
}

export interface Probe extends Handler {
  readonly failureThreshold?: number;
  readonly initialDelaySeconds?: number;
  readonly periodSeconds?: number;
  readonly successThreshold?: number;
  readonly timeoutSeconds?: number;
}

export interface Resources {
  readonly limits?: Record<string, string>;
  readonly requests?: Record<string, string>;
}

export interface VolumeMount {
  readonly name?: string;
  readonly mountPath?: string;
  readonly subPath?: string;
}

export interface KeyToPath {
  readonly key?: string;
  readonly path?: string;
  readonly mode?: number;
}

export interface Volume {
  readonly name?: string;
  readonly [type: string]: unknown;
}

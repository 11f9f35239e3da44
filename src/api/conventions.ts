/** Names shared by the operator, its children and the pods. */

/** Field manager of everything the operator applies. */
export const FIELD_MANAGER = 'gantry';

export const LABELS = {
  /** The ModelDeployment an object belongs to. */
  modelDeployment: 'gantry.dev/modeldeployment',
  /** Which of its Deployments a pod belongs to. */
  track: 'gantry.dev/track',
  managedBy: 'app.kubernetes.io/managed-by',
  component: 'app.kubernetes.io/component',
  instance: 'app.kubernetes.io/instance',
  name: 'app.kubernetes.io/name',
  version: 'app.kubernetes.io/version',
} as const;

export const ANNOTATIONS = {
  /** On a child: hash of what the operator wants of it. */
  wanted: 'gantry.dev/wanted',
  /** On a pod: hash of its template; tells pods of the declared state from older ones. */
  template: 'gantry.dev/template',
  /** On a pod: hash of the serving configuration, so that a change of it rolls the pods. */
  config: 'gantry.dev/config',
} as const;

export const MANAGED_BY = 'gantry';
export const COMPONENT = 'model-server';
export const STABLE_TRACK = 'stable';

export const PORTS = { http: 8080, grpc: 9000, metrics: 9090 } as const;

export const CONTAINER_NAME = 'server';
export const CONFIG_FOLDER = '/etc/gantry';
export const CONFIG_FILE = 'serving.json';
export const MODELS_FOLDER = '/app/models';
/** A file for each client that may ask: the Secret of spec.auth.tokens. */
export const CLIENTS_FOLDER = '/etc/gantry-clients';
/** The Secret of spec.serving.tls, with the keys that Kubernetes and cert-manager give it. */
export const TLS_FOLDER = '/etc/gantry-tls';
export const TLS_FILES = { cert: 'tls.crt', key: 'tls.key', clientCa: 'ca.crt' } as const;

/** Environment variable with the URL of Redis; absent where the cache is in memory only. */
export const REDIS_URL_VARIABLE = 'GANTRY_REDIS_URL';

export const HEALTH_PATHS = { live: '/v2/health/live', ready: '/v2/health/ready' } as const;
export const METRICS_PATH = '/metrics';

/** Longest name of a ModelDeployment: a child's name may add up to eleven characters and is a DNS label of 63. */
export const MAX_NAME_LENGTH = 52;

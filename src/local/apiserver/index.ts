/** A Kubernetes API server in one process: what real clients speak to on a laptop, and what simulations call. */
export { type ApiServer, type ApiServerOptions, createApiServer, DEFAULT_SERVICE_CIDR } from './apiServer.js';
export type { Token, User } from './server/user.js';
export { lmdbStorage } from './storage/lmdbStorage.js';
export { memoryStorage, type Storage } from './storage/storage.js';
export { StatusError } from './status.js';
export { type Certificate, type ClusterCertificates, createCertificates } from './tls/certificates.js';
export { listen, type Listener, type ListenOptions } from './tls/listen.js';
export type { PodLogOptions, PodLogs } from './verbs/call.js';

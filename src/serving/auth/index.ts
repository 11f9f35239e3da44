export { type Access, type AccessFigures, type AccessOptions, openAccess } from './access.js';
export { certificateNamesOf, namesOfCertificate } from './certificateNames.js';
export type { Client } from './client.js';
export { type Credentials, type Gate, refusalFor } from './gate.js';
export type { TlsPaths } from './tlsFiles.js';

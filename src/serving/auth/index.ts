export { type Access, type AccessFigures, type AccessOptions, openAccess, type ServerTls } from './access.js';
export { certificateNamesOf, namesOfCertificate } from './certificateNames.js';
export type { Client } from './client.js';
export {
  type Admission,
  type Credentials,
  EVERYBODY,
  type Gate,
  mayUse,
  missingRight,
  refusalFor,
} from './gate.js';
export type { Borrowing, Lease, LeaseRequest, Lender } from './rateLimit.js';
export type { TlsPaths } from './tlsFiles.js';

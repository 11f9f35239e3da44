/** Everything that decides who may ask, opened from its files and closed together. */
import type { TlsOptions } from 'node:tls';
import type { Clock, Logger } from '../../base/index.js';
import { ClientFolder } from './clientFolder.js';
import { Gate } from './gate.js';
import type { Borrowing, Lease, LeaseRequest } from './rateLimit.js';
import type { ReloadableServer, TlsFiles, TlsFilesOptions, TlsPaths } from './tlsFiles.js';

export interface AccessOptions {
  /** Folder with a file for each client, such as a mounted Secret. */
  readonly clients?: string | undefined;
  readonly tls?: TlsPaths | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** In a process that does not keep count of its clients' requests itself. */
  readonly borrowing?: Borrowing | undefined;
}

/** For metrics. */
export interface AccessFigures {
  /** Undefined where there is no clients' folder. */
  readonly clients: number | undefined;
  /** Files that are not in force as they are now. */
  readonly problems: number;
  /** Seconds since the epoch; undefined without TLS. */
  readonly certificateExpiresAt: number | undefined;
}

/** What a TLS server is made with. */
export interface ServerTls {
  readonly options: TlsOptions;
  /** Gives the server the certificates that come after those of its making. */
  follow(server: ReloadableServer): void;
}

export interface Access {
  /** Undefined where everybody may ask. */
  readonly gate: Gate | undefined;
  /** How clients may show who they are; none where everybody may ask. */
  readonly schemes: readonly ('bearer' | 'certificate')[];
  /** Undefined where clients speak without TLS. */
  readonly tls: ServerTls | undefined;
  figures(): AccessFigures;
  /** Lends another process of the pod requests of a client: nothing of one that is not known here. */
  lend(request: LeaseRequest): Lease;
  close(): void;
}

/** The other process read the client's file before this one did. */
const UNKNOWN_YET: Lease = { granted: 0, kept: 0, seconds: 1 };

/** Rejects with a ProblemError when what is asked for cannot be read: no server starts open by mistake. */
export async function openAccess({ clients, tls, clock, logger, borrowing }: AccessOptions): Promise<Access> {
  const files = tls === undefined ? undefined : await openTls({ paths: tls, clock, logger });
  try {
    const folder =
      clients === undefined
        ? undefined
        : await ClientFolder.open({ folder: clients, clock, logger, borrowing });
    return accessOf(folder, files, tls?.clientCa !== undefined);
  } catch (error) {
    files?.close();
    throw error;
  }
}

function accessOf(
  folder: ClientFolder | undefined,
  files: TlsFiles | undefined,
  certificatesAsked: boolean,
): Access {
  return {
    gate: folder === undefined && !certificatesAsked ? undefined : new Gate(folder?.list),
    schemes: [
      ...(folder === undefined ? [] : ['bearer' as const]),
      ...(certificatesAsked ? ['certificate' as const] : []),
    ],
    tls: files && serverTls(files, certificatesAsked, folder === undefined),
    figures: () => ({
      clients: folder?.list().size,
      problems: (folder?.problems ?? 0) + (files?.failed === true ? 1 : 0),
      certificateExpiresAt: files?.expiresAt,
    }),
    lend: (request) => folder?.list().byName(request.client)?.lend(request) ?? UNKNOWN_YET,
    close() {
      folder?.close();
      files?.close();
    },
  };
}

async function openTls(options: TlsFilesOptions): Promise<TlsFiles> {
  const { TlsFiles } = await import('./tlsFiles.js');
  return TlsFiles.open(options);
}

/** @param required without a clients' folder there are no tokens, and so nobody without a certificate */
function serverTls(files: TlsFiles, asked: boolean, required: boolean): ServerTls {
  return {
    options: { ...files.current, requestCert: asked, rejectUnauthorized: asked && required },
    follow: (server) => files.follow(server),
  };
}

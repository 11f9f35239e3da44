/** Everything that decides who may ask, opened from its files and closed together. */
import type { TlsOptions } from 'node:tls';
import type { Clock, Logger } from '../../base/index.js';
import { ClientFolder } from './clientFolder.js';
import { Gate } from './gate.js';
import { type ReloadableServer, TlsFiles, type TlsPaths } from './tlsFiles.js';

export interface AccessOptions {
  /** Folder with a file for each client, such as a mounted Secret. */
  readonly clients?: string | undefined;
  readonly tls?: TlsPaths | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
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

export interface Access {
  /** Undefined where everybody may ask. */
  readonly gate: Gate | undefined;
  /** Undefined where clients speak plain HTTP. */
  readonly tls: TlsOptions | undefined;
  /** Gives a TLS server made with `tls` the certificates that come after. */
  follow(server: ReloadableServer): void;
  figures(): AccessFigures;
  close(): void;
}

/** Rejects with a ProblemError when what is asked for cannot be read: no server starts open by mistake. */
export async function openAccess({ clients, tls, clock, logger }: AccessOptions): Promise<Access> {
  const files = tls === undefined ? undefined : await TlsFiles.open({ paths: tls, clock, logger });
  try {
    const folder =
      clients === undefined ? undefined : await ClientFolder.open({ folder: clients, clock, logger });
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
    tls: files && {
      ...files.current,
      requestCert: certificatesAsked,
      // With a clients' folder a token does as well, and the gate decides.
      rejectUnauthorized: certificatesAsked && folder === undefined,
    },
    follow: (server) => files?.follow(server),
    figures: () => ({
      clients: folder?.list().size,
      problems: (folder?.problems ?? 0) + (files?.failed === true ? 1 : 0),
      certificateExpiresAt: files?.expiresAt,
    }),
    close() {
      folder?.close();
      files?.close();
    },
  };
}

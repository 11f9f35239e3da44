/** The server's certificate and the authority of its clients' certificates, kept as their files are. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { type Clock, type Logger, messageOf, problem, ProblemError } from '../../base/index.js';
import { FilePoll, fingerprintOf } from './filePoll.js';

export interface TlsPaths {
  readonly cert: string;
  readonly key: string;
  /** Authority that signs clients' certificates; none are asked for without it. */
  readonly clientCa?: string | undefined;
}

export interface TlsFilesOptions {
  readonly paths: TlsPaths;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What a TLS server is made from, and then told when the files have changed. */
export interface ReloadableServer {
  setSecureContext(options: SecureContextOptions): void;
}

export class TlsFiles {
  readonly #options: TlsFilesOptions;
  readonly #servers: ReloadableServer[] = [];
  #current: SecureContextOptions = {};
  #fingerprint = '';
  #failed = '';
  #poll: FilePoll | undefined;

  private constructor(options: TlsFilesOptions) {
    this.#options = options;
  }

  /** Rejects with a ProblemError when the files cannot be read or do not belong together. */
  static async open(options: TlsFilesOptions): Promise<TlsFiles> {
    const opened = new TlsFiles(options);
    await opened.#read();
    opened.#poll = new FilePoll(options.clock, () => opened.#reread());
    return opened;
  }

  get current(): SecureContextOptions {
    return this.#current;
  }

  /** Whether the files are not in force as they are now. */
  get failed(): boolean {
    return this.#failed !== '';
  }

  /** When the certificate in force ends, in seconds since the epoch. */
  get expiresAt(): number {
    return Date.parse(new X509Certificate(this.#current.cert as Buffer).validTo) / 1000;
  }

  /** Gives `server` the files' new content whenever it changes; connections that are open keep theirs. */
  follow(server: ReloadableServer): void {
    this.#servers.push(server);
  }

  close(): void {
    this.#poll?.stop();
  }

  async #reread(): Promise<void> {
    try {
      const changed = await this.#read();
      this.#failed = '';
      if (!changed) return;
      for (const server of this.#servers) server.setSecureContext(this.#current);
      this.#options.logger.info({ expiresAt: this.expiresAt }, 'certificate read again');
    } catch (error) {
      const reason = messageOf(error);
      if (reason !== this.#failed) this.#options.logger.error({ reason }, 'certificate not read again');
      this.#failed = reason;
    }
  }

  async #read(): Promise<boolean> {
    const { cert, key, clientCa } = this.#options.paths;
    try {
      const [certBytes, keyBytes, caBytes] = await Promise.all([
        readFile(cert),
        readFile(key),
        clientCa === undefined ? undefined : readFile(clientCa),
      ]);
      const fingerprint = fingerprintOf([certBytes, keyBytes, caBytes ?? '']);
      if (fingerprint === this.#fingerprint) return false;
      const next = { cert: certBytes, key: keyBytes, ca: caBytes, minVersion: 'TLSv1.2' as const };
      // Refuses what is no certificate, and a key that is another certificate's: the files may be read in mid-change.
      createSecureContext(next);
      if (caBytes !== undefined) checkAuthorities(caBytes);
      this.#current = next;
      this.#fingerprint = fingerprint;
      return true;
    } catch (error) {
      const remedy = 'give PEM files: a certificate with its chain, the key that belongs to it';
      throw new ProblemError(problem('TlsFilesInvalid', cert, messageOf(error), remedy), { cause: error });
    }
  }
}

const BEGIN = '-----BEGIN CERTIFICATE-----';

/** Throws where OpenSSL would pass over it and trust nobody: no certificate at all, or one that is cut. */
function checkAuthorities(pem: Buffer): void {
  const [, ...certificates] = pem.toString('latin1').split(BEGIN);
  if (certificates.length === 0) throw new Error("the file of the clients' authority holds no certificate");
  for (const certificate of certificates) new X509Certificate(BEGIN + certificate);
}

/** The clients of a folder, kept as the folder is. */
import { type Clock, formatProblem, type Logger, messageOf, type Problem } from '../../base/index.js';
import { parseClientFile } from './clientFile.js';
import { ClientList } from './clientList.js';
import { FilePoll, fingerprintOf } from './filePoll.js';
import type { Borrowing } from './rateLimit.js';
import { readClientFolder } from './folderSnapshot.js';

export interface ClientFolderOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** In a process that does not keep count itself. */
  readonly borrowing?: Borrowing | undefined;
  readonly logger: Logger;
}

export class ClientFolder {
  readonly #options: ClientFolderOptions;
  #list = ClientList.EMPTY;
  #problems: readonly Problem[] = [];
  #unreadable = false;
  #fingerprint = '';
  #poll: FilePoll | undefined;

  private constructor(options: ClientFolderOptions) {
    this.#options = options;
  }

  /** Rejects with a ProblemError when the folder cannot be read. A file that means nothing is logged, and admits nobody. */
  static async open(options: ClientFolderOptions): Promise<ClientFolder> {
    const opened = new ClientFolder(options);
    await opened.#read();
    opened.#poll = new FilePoll(options.clock, () => opened.#reread());
    return opened;
  }

  /** The clients there are now. */
  readonly list = (): ClientList => this.#list;

  /** Files that are not in force as they are now; 1 when the folder itself cannot be read. */
  get problems(): number {
    return this.#unreadable ? 1 : this.#problems.length;
  }

  close(): void {
    this.#poll?.stop();
  }

  async #reread(): Promise<void> {
    const { folder, logger } = this.#options;
    try {
      await this.#read();
      this.#unreadable = false;
    } catch (error) {
      // Once, and not at each look.
      if (!this.#unreadable) logger.error({ folder, reason: messageOf(error) }, 'clients not read again');
      this.#unreadable = true;
    }
  }

  async #read(): Promise<void> {
    const { folder, logger } = this.#options;
    const texts = await readClientFolder(folder);
    const parts = [...texts].flatMap(([name, text]) => [name, text.ok ? text.value : text.error.message]);
    const fingerprint = fingerprintOf(parts);
    if (fingerprint === this.#fingerprint) return;
    const files = new Map(
      [...texts].map(([name, text]) => [name, text.ok ? parseClientFile(name, text.value) : text] as const),
    );
    const { list, problems } = this.#list.next(files, this.#options);
    this.#list = list;
    this.#problems = problems;
    this.#fingerprint = fingerprint;
    for (const each of problems)
      logger.error({ client: each.place, reason: formatProblem(each) }, 'client not changed');
    if (list.size === 0) logger.warn({ folder }, 'there are no clients: nobody may ask');
    else logger.info({ clients: list.size }, 'clients read');
  }
}

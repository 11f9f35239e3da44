/** Reads the clients' folder: a mounted Secret, or any folder with a file for each client. */
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, messageOf, ok, problem, ProblemError, type Result } from '../../base/index.js';

export const MAX_CLIENTS = 1_000;
const MAX_FILE_BYTES = 65_536;

/** File name -> content, in the order of the names. Rejects with a ProblemError when the folder as a whole cannot be read. */
export async function readClientFolder(folder: string): Promise<ReadonlyMap<string, Result<string>>> {
  try {
    const source = await sourceOf(folder);
    const names = (await readdir(source)).filter((name) => !name.startsWith('.')).sort();
    if (names.length > MAX_CLIENTS) throw new Error(`there are more than ${MAX_CLIENTS} clients`);
    const files = new Map<string, Result<string>>();
    for (const name of names) {
      const content = await readClient(join(source, name), name);
      if (content !== undefined) files.set(name, content);
    }
    return files;
  } catch (error) {
    throw new ProblemError(
      problem('ClientsUnreadable', folder, messageOf(error), 'put a file for each client into the folder'),
      { cause: error },
    );
  }
}

/**
 * A Secret's files are links through `..data`, which is swapped for another folder when the Secret changes. Resolved
 * once, it gives files that belong together.
 */
async function sourceOf(folder: string): Promise<string> {
  return realpath(join(folder, '..data')).catch(() => folder);
}

/** Undefined for what is no file. A file that was there a moment ago and is gone makes the folder unreadable for now. */
async function readClient(path: string, name: string): Promise<Result<string> | undefined> {
  const found = await stat(path);
  if (!found.isFile()) return undefined;
  if (found.size > MAX_FILE_BYTES) {
    return fail(problem('InvalidClient', name, `the file is larger than ${MAX_FILE_BYTES} bytes`));
  }
  try {
    return ok(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
    return fail(problem('InvalidClient', name, messageOf(error), 'let the server read the file'));
  }
}

import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Payload } from './payload.js';

const DATA = '..data';
const NEW_DATA = '..data_tmp';

/**
 * Puts a payload into a folder so that a reader sees the old files or the new ones, never a mixture (kubelet's
 * AtomicWriter): the files go to a new hidden folder, the link `..data` is renamed over the old one, and the visible
 * names are links through `..data`. True when the content changed.
 */
export async function writePayload(folder: string, payload: Payload): Promise<boolean> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const before = await readlink(join(folder, DATA)).catch(() => undefined);
  if (before !== undefined && (await isSame(join(folder, before), payload))) return false;
  const fresh = await mkdtemp(join(folder, '..data_'));
  await chmod(fresh, 0o755);
  for (const [path, { bytes, mode }] of payload) {
    const file = join(fresh, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o755 });
    await writeFile(file, bytes);
    await chmod(file, mode);
  }
  await rm(join(folder, NEW_DATA), { force: true });
  await symlink(fresh.slice(folder.length + 1), join(folder, NEW_DATA));
  await rename(join(folder, NEW_DATA), join(folder, DATA));
  await linkVisible(folder, payload);
  if (before !== undefined) await rm(join(folder, before), { recursive: true, force: true });
  return true;
}

async function linkVisible(folder: string, payload: Payload): Promise<void> {
  const wanted = new Set([...payload.keys()].map((path) => path.split('/')[0] ?? path));
  const present = (await readdir(folder)).filter((name) => !name.startsWith('..'));
  for (const name of present) if (!wanted.has(name)) await unlink(join(folder, name));
  for (const name of wanted) {
    if (!present.includes(name)) await symlink(join(DATA, name), join(folder, name));
  }
}

async function isSame(folder: string, payload: Payload): Promise<boolean> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  if (entries.filter((entry) => entry.isFile()).length !== payload.size) return false;
  for (const [path, { bytes, mode }] of payload) {
    const file = join(folder, path);
    const known = await stat(file).catch(() => undefined);
    if (known === undefined || (known.mode & 0o777) !== mode || known.size !== bytes.length) return false;
    if (!bytes.equals(await readFile(file))) return false;
  }
  return true;
}

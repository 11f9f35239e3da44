/** A folder that changes as a mounted Secret does: a new folder of files, and a link renamed over the one before. */
import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SecretVolume {
  readonly folder: string;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  remove(): Promise<void>;
}

export async function secretVolume(files: Readonly<Record<string, string>>): Promise<SecretVolume> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-secret-'));
  let version = 0;
  const write = async (next: Readonly<Record<string, string>>) => {
    const before = version === 0 ? undefined : `..v${version}`;
    const name = `..v${++version}`;
    await mkdir(join(folder, name));
    for (const [key, text] of Object.entries(next)) await writeFile(join(folder, name, key), text);
    await symlink(name, join(folder, '..data_tmp'));
    await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    const visible = (await readdir(folder)).filter((key) => !key.startsWith('..'));
    for (const key of visible) if (!(key in next)) await rm(join(folder, key));
    for (const key of Object.keys(next)) {
      if (!visible.includes(key)) await symlink(join('..data', key), join(folder, key));
    }
    if (before !== undefined) await rm(join(folder, before), { recursive: true });
  };
  await write(files);
  return { folder, write, remove: () => rm(folder, { recursive: true, force: true }) };
}

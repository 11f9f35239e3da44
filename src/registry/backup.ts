/**
 * Backups of model versions: ROOT/backup/NAME/VERSION-DIGEST12/. The name holds the digest, so that the same bytes are
 * kept once and a backup is never overwritten by something else.
 */
import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fail, messageOf, ok, problem, type Result } from '../base/index.js';
import { isModelName, MODEL_FILE, type Stage, versionFolder } from './layout.js';
import { type ModelVersion, type VerifiedVersion, verifyVersion } from './registry.js';

export const BACKUP_FOLDER = 'backup';

function backupFolder(root: string, version: VerifiedVersion): string {
  const digest = version.digest.slice('sha256:'.length, 'sha256:'.length + 12);
  return path.join(root, BACKUP_FOLDER, version.name, `${version.version}-${digest}`);
}

/** The same version seen in another folder. */
function at(version: ModelVersion, folder: string): ModelVersion {
  return { ...version, folder, modelFile: path.join(folder, MODEL_FILE) };
}

/**
 * Copies `source` to `target` by way of a hidden neighbour, verifying the copy's digest before it takes its name: a
 * crash leaves a complete folder or none.
 */
export async function copyVerified(
  source: VerifiedVersion,
  target: string,
): Promise<Result<VerifiedVersion>> {
  const parent = path.dirname(target);
  const incoming = path.join(parent, `.incoming-${path.basename(target)}`);
  try {
    await mkdir(parent, { recursive: true });
    await rm(incoming, { recursive: true, force: true });
    await cp(source.folder, incoming, { recursive: true, preserveTimestamps: true });
    const copy = await verifyVersion(at(source, incoming), source.digest);
    if (!copy.ok) {
      await rm(incoming, { recursive: true, force: true });
      return copy;
    }
    await rename(incoming, target);
    return ok({ ...copy.value, ...at(source, target) });
  } catch (error) {
    return fail(
      problem('CopyFailed', target, messageOf(error), 'check free space and permissions, then run it again'),
    );
  }
}

/** Backs a version up and verifies the copy; a backup of the same bytes that is there already is verified instead. */
export async function backupVersion(root: string, version: VerifiedVersion): Promise<Result<string>> {
  const folder = backupFolder(root, version);
  const existing = await verifyVersion(at(version, folder), version.digest);
  if (existing.ok) return ok(folder);
  if (existing.error.code === 'DigestMismatch') {
    return fail(
      problem('BackupDamaged', folder, existing.error.message, 'move the damaged backup away and try again'),
    );
  }
  const copy = await copyVerified(version, folder);
  return copy.ok ? ok(folder) : copy;
}

/** Backups of `name`, oldest version first, as folder names. */
export async function listBackups(root: string, name: string): Promise<string[]> {
  if (!isModelName(name)) return [];
  const entries = await readdir(path.join(root, BACKUP_FOLDER, name)).catch(() => []);
  return entries
    .filter((entry) => !entry.startsWith('.'))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** The verified backup of NAME/VERSION with `digest`; `stage` is where a restore would bring it. */
export async function findBackup(
  root: string,
  stage: Stage,
  wanted: { readonly name: string; readonly version: string; readonly digest: string },
): Promise<Result<VerifiedVersion>> {
  const { name, version } = wanted;
  const valid = versionFolder(root, stage, name, version);
  if (!valid.ok) return valid;
  const digest = wanted.digest.slice('sha256:'.length, 'sha256:'.length + 12);
  const folder = path.join(root, BACKUP_FOLDER, name, `${version}-${digest}`);
  return verifyVersion(
    { name, version, stage, folder, modelFile: path.join(folder, MODEL_FILE) },
    wanted.digest,
  );
}

/** Brings a backup back into its stage. Refuses to replace what is there. */
export async function restoreVersion(
  root: string,
  backup: VerifiedVersion,
): Promise<Result<VerifiedVersion>> {
  const target = versionFolder(root, backup.stage, backup.name, backup.version);
  return target.ok ? copyVerified(backup, target.value) : target;
}

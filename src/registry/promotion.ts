/**
 * Moving a version between stages. Every step leaves a registry in which each version can be found in some stage, so
 * that pods keep starting while it happens, and running it again after a crash finishes the job.
 */
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fail, messageOf, ok, problem, type Result } from '../base/index.js';
import { backupVersion, copyVerified } from './backup.js';
import { type Stage, versionFolder } from './layout.js';
import {
  findVersion,
  listVersions,
  type ModelVersion,
  type VerifiedVersion,
  verifyVersion,
} from './registry.js';

export interface Promotion {
  readonly promoted: VerifiedVersion;
  /** Versions that `to` held before and that now lie in the archive. */
  readonly archived: readonly VerifiedVersion[];
  /** Folders of the verified backups of what was replaced. */
  readonly backups: readonly string[];
}

async function removeFolder(folder: string): Promise<void> {
  const trash = path.join(path.dirname(folder), `.removing-${path.basename(folder)}`);
  await rename(folder, trash);
  await rm(trash, { recursive: true, force: true });
}

/** Copy, verify, then remove the source: found in both stages for a moment, never in none. */
async function moveVersion(
  root: string,
  version: VerifiedVersion,
  stage: Stage,
): Promise<Result<VerifiedVersion>> {
  const target = versionFolder(root, stage, version.name, version.version);
  if (!target.ok) return target;
  if (version.folder === target.value) return ok(version);
  const there = await findVersion(root, version.name, version.version, stage);
  if (there.ok) {
    const same = await verifyVersion(there.value, version.digest);
    if (!same.ok) {
      return fail(
        problem(
          'VersionImmutable',
          target.value,
          'the stage holds other bytes under this version',
          'give the new model a new version',
        ),
      );
    }
  } else {
    const copy = await copyVerified(version, target.value);
    if (!copy.ok) return copy;
  }
  try {
    await mkdir(path.dirname(target.value), { recursive: true });
    await removeFolder(version.folder);
  } catch (error) {
    return fail(
      problem('MoveFailed', version.folder, messageOf(error), 'check permissions, then run it again'),
    );
  }
  return ok({
    ...version,
    stage,
    folder: target.value,
    modelFile: path.join(target.value, path.basename(version.modelFile)),
  });
}

async function verifyAll(versions: readonly ModelVersion[]): Promise<Result<VerifiedVersion[]>> {
  const verified: VerifiedVersion[] = [];
  for (const version of versions) {
    const result = await verifyVersion(version);
    if (!result.ok) return result;
    verified.push(result.value);
  }
  return ok(verified);
}

/**
 * Promotes NAME/VERSION from one stage to another. What `to` held is backed up (verified) and archived first when `to`
 * is production; other stages may hold several versions. Nothing changes unless everything verifies.
 */
export async function promoteVersion(
  root: string,
  request: { readonly name: string; readonly version: string; readonly from: Stage; readonly to: Stage },
): Promise<Result<Promotion>> {
  const { name, version, from, to } = request;
  const source = await findVersion(root, name, version, from);
  // A promotion that a crash cut off has moved the version already: what is left is to archive the others.
  const moved = source.ok ? source : await findVersion(root, name, version, to);
  if (!moved.ok) return source.ok ? moved : source;
  const verified = await verifyVersion(moved.value);
  if (!verified.ok) return verified;

  const held = (await listVersions(root)).filter(
    (v) => v.stage === to && v.name === name && v.version !== version,
  );
  const replaced = await verifyAll(to === 'production' ? held : []);
  if (!replaced.ok) return replaced;

  const backups: string[] = [];
  for (const old of replaced.value) {
    const backup = await backupVersion(root, old);
    if (!backup.ok) return backup;
    backups.push(backup.value);
  }
  const promoted = await moveVersion(root, verified.value, to);
  if (!promoted.ok) return promoted;

  const archived: VerifiedVersion[] = [];
  for (const old of replaced.value) {
    const kept = await moveVersion(root, old, 'archive');
    if (!kept.ok) return kept;
    archived.push(kept.value);
  }
  return ok({ promoted: promoted.value, archived, backups });
}

/** `gantry rollback`: the same commit in reverse; the manifest's `previous` becomes what it names. */
import { fail, ok, problem, type Result } from '../base/index.js';
import {
  findBackup,
  findVersion,
  type Stage,
  type VerifiedVersion,
  verifyVersion,
} from '../registry/index.js';
import { type Change, findManifest, planChange, type Workspace } from './change.js';

/** Where the version is now: in a stage, or in its backup alone. */
async function findKept(
  workspace: Workspace,
  wanted: { readonly name: string; readonly version: string; readonly digest: string },
): Promise<Result<{ version: VerifiedVersion; restore: boolean }>> {
  const found = await findVersion(workspace.models, wanted.name, wanted.version);
  if (found.ok) {
    const verified = await verifyVersion(found.value, wanted.digest);
    return verified.ok ? ok({ version: verified.value, restore: false }) : verified;
  }
  const backup = await findBackup(workspace.models, 'archive', wanted);
  return backup.ok ? ok({ version: backup.value, restore: true }) : found;
}

/** Prepares the return to the version that the manifest names as `previous`, from the archive or from its backup. */
export async function planRollback(
  workspace: Workspace,
  request: { readonly name: string; readonly stage: Stage },
): Promise<Result<Change>> {
  const manifest = await findManifest(workspace, request.name, request.stage);
  if (!manifest.ok) return manifest;
  const { previous } = manifest.value.block;
  if (previous === undefined) {
    return fail(
      problem(
        'NoPrevious',
        manifest.value.file,
        'spec.model names no previous version',
        'promote the version you want instead',
      ),
    );
  }
  const kept = await findKept(workspace, { name: request.name, ...previous });
  if (!kept.ok) return kept;
  const { version, restore } = kept.value;
  return planChange(workspace, {
    verb: 'Roll back',
    version,
    restore,
    from: version.stage,
    to: request.stage,
  });
}

/** `gantry promote`: a staged version becomes what a stage's manifest names. */
import { fail, ok, problem, type Result } from '../base/index.js';
import { findVersion, listVersions, type Stage, verifyVersion } from '../registry/index.js';
import { type Change, planChange, type Workspace } from './change.js';

export interface PromotionRequest {
  readonly name: string;
  /** Which version; needed when `from` holds several. */
  readonly version?: string;
  readonly from: Stage;
  readonly to: Stage;
}

async function resolveVersion(workspace: Workspace, request: PromotionRequest): Promise<Result<string>> {
  if (request.version !== undefined) return ok(request.version);
  const staged = (await listVersions(workspace.models)).filter(
    (v) => v.name === request.name && v.stage === request.from,
  );
  const [only] = staged;
  if (only !== undefined && staged.length === 1) return ok(only.version);
  const place = `${request.name} in ${request.from}`;
  if (only === undefined) {
    return fail(
      problem(
        'ModelNotFound',
        place,
        'no version to promote',
        'run "gantry model list" to see what there is',
      ),
    );
  }
  const versions = staged.map((v) => v.version).join(', ');
  return fail(problem('VersionAmbiguous', place, `holds versions ${versions}`, 'choose one with --version'));
}

/** Resolves the version to its digest, verifies it, replays its golden examples and prepares the manifest's text. */
export async function planPromotion(
  workspace: Workspace,
  request: PromotionRequest,
): Promise<Result<Change>> {
  if (request.from === request.to) {
    return fail(problem('SameStage', request.to, '--from and --to name the same stage', 'name two stages'));
  }
  const version = await resolveVersion(workspace, request);
  if (!version.ok) return version;
  const staged = await findVersion(workspace.models, request.name, version.value, request.from);
  // A promotion that was cut off has moved the version already; planning it again finishes it.
  const found = staged.ok
    ? staged
    : await findVersion(workspace.models, request.name, version.value, request.to);
  if (!found.ok) return staged.ok ? found : staged;
  const verified = await verifyVersion(found.value);
  if (!verified.ok) return verified;
  return planChange(workspace, {
    verb: 'Promote',
    version: verified.value,
    restore: false,
    from: request.from,
    to: request.to,
  });
}

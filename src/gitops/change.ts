/**
 * A release is one commit: the version moves between the registry's stages, and the model block of the manifest names
 * it. `promote` and `rollback` differ only in where the version comes from.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fail, messageOf, ok, problem, type Result } from '../base/index.js';
import {
  type Promotion,
  promoteVersion,
  restoreVersion,
  type Stage,
  type VerifiedVersion,
} from '../registry/index.js';
import { findModelBlocks, type ModelBlock, spliceModelBlock } from './modelBlock.js';
import { commitPaths, requireClean, yamlFiles } from './repository.js';

/** Replays the golden examples on the real runtime; ok with their number. A parameter: this module runs no models. */
export type ReplayGolden = (version: VerifiedVersion) => Promise<Result<number>>;

export interface Workspace {
  /** Top of the git work tree. */
  readonly repository: string;
  /** Root of the model registry inside it. */
  readonly models: string;
  /** Folder searched for manifests, or one file. */
  readonly manifests: string;
  readonly replayGolden: ReplayGolden;
}

export interface ManifestBlock {
  readonly file: string;
  readonly source: string;
  readonly block: ModelBlock;
}

/** What is to be released, before the manifest was looked at. */
export interface Intent {
  readonly verb: 'Promote' | 'Roll back';
  readonly version: VerifiedVersion;
  /** Whether the version is in its backup alone and must be brought back into `from` first. */
  readonly restore: boolean;
  readonly from: Stage;
  readonly to: Stage;
}

export interface Change extends Intent {
  readonly manifest: ManifestBlock;
  /** The manifest's text after the change. */
  readonly text: string;
  readonly goldenExamples: number;
  readonly message: string;
}

export interface Release {
  readonly commit: string;
  readonly promotion: Promotion;
}

/** The one manifest whose ModelDeployment serves `model` in `stage`. */
export async function findManifest(
  workspace: Workspace,
  model: string,
  stage: Stage,
): Promise<Result<ManifestBlock>> {
  const files = /\.ya?ml$/.test(workspace.manifests)
    ? [workspace.manifests]
    : await yamlFiles(workspace.manifests);
  const found: ManifestBlock[] = [];
  for (const file of files) {
    const source = await readFile(file, 'utf8').catch(() => '');
    for (const block of findModelBlocks(source, model)) {
      if (block.stage === stage) found.push({ file, source, block });
    }
  }
  const [only, ...others] = found;
  if (only === undefined) {
    return fail(
      problem(
        'ManifestMissing',
        workspace.manifests,
        `no ${stage} ModelDeployment of model ${model}`,
        'name its file with --manifest',
      ),
    );
  }
  if (others.length > 0) {
    const names = found.map(({ file }) => path.relative(workspace.repository, file)).join(', ');
    return fail(
      problem(
        'ManifestAmbiguous',
        names,
        `several ${stage} ModelDeployments of model ${model}`,
        'choose one with --manifest',
      ),
    );
  }
  return ok(only);
}

function commitMessage(change: Omit<Change, 'message' | 'text'>): string {
  const { verb, version, from, to, manifest, goldenExamples } = change;
  return [
    `${verb} ${version.name} to ${version.version} in ${to}`,
    '',
    `Replaces version ${manifest.block.version} in ModelDeployment ${manifest.block.deployment}.`,
    '',
    `Model: ${version.name}`,
    `Version: ${version.version}`,
    `From: ${from}`,
    `To: ${to}`,
    `Digest: ${version.digest}`,
    `Evidence: ${goldenExamples} golden examples replayed`,
  ].join('\n');
}

/** Everything that can be decided before anything is touched. */
export async function planChange(workspace: Workspace, request: Intent): Promise<Result<Change>> {
  const { version, to } = request;
  const manifest = await findManifest(workspace, version.name, to);
  if (!manifest.ok) return manifest;
  if (manifest.value.block.digest === version.digest && manifest.value.block.version === version.version) {
    return fail(
      problem(
        'NothingToDo',
        manifest.value.file,
        `${version.name} is at version ${version.version} already`,
        'nothing was changed',
      ),
    );
  }
  const golden = await workspace.replayGolden(version);
  if (!golden.ok) return golden;
  const text = spliceModelBlock(
    manifest.value.source,
    { model: version.name, deployment: manifest.value.block.deployment },
    { version: version.version, digest: version.digest },
  );
  if (!text.ok) return text;
  const decided = { ...request, manifest: manifest.value, goldenExamples: golden.value };
  return ok({ ...decided, text: text.value, message: commitMessage(decided) });
}

/** Paths of the commit, relative to the repository: the manifest and the model's folders in the stages involved. */
function touchedPaths(workspace: Workspace, change: Change): string[] {
  const stages = new Set<Stage>([change.from, change.to, 'archive']);
  const folders = [...stages].map((stage) => path.join(workspace.models, stage, change.version.name));
  return [change.manifest.file, ...folders]
    .map((file) => path.relative(workspace.repository, file))
    .filter((file) => !file.startsWith('..')); // a registry outside the repository is moved, not committed
}

async function replaceFile(file: string, text: string): Promise<Result<void>> {
  const incoming = `${file}.incoming`;
  try {
    await writeFile(incoming, text);
    await rename(incoming, file);
    return ok(undefined);
  } catch (error) {
    return fail(problem('WriteFailed', file, messageOf(error), 'check permissions, then run it again'));
  }
}

/** Moves the version, writes the manifest and commits both. Running it again after a crash finishes the job. */
export async function carryOut(workspace: Workspace, change: Change): Promise<Result<Release>> {
  const paths = touchedPaths(workspace, change);
  const clean = await requireClean(workspace.repository, paths);
  if (!clean.ok) return clean;
  if (change.restore) {
    const restored = await restoreVersion(workspace.models, change.version);
    if (!restored.ok) return restored;
  }
  const { name, version } = change.version;
  const promotion = await promoteVersion(workspace.models, {
    name,
    version,
    from: change.from,
    to: change.to,
  });
  if (!promotion.ok) return promotion;
  const written = await replaceFile(change.manifest.file, change.text);
  if (!written.ok) return written;
  const commit = await commitPaths(workspace.repository, paths, change.message);
  return commit.ok ? ok({ commit: commit.value, promotion: promotion.value }) : commit;
}

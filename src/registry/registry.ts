/** Model versions on disk: what there is, where it is, and whether its bytes are the ones declared. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Digest, digestOfFile, fail, messageOf, ok, problem, type Result } from '../base/index.js';
import {
  compareVersions,
  isModelName,
  isVersion,
  MODEL_FILE,
  type Stage,
  STAGES,
  versionFolder,
} from './layout.js';
import { type ModelMetadata, readMetadata } from './metadata.js';

export interface ModelVersion {
  readonly name: string;
  readonly version: string;
  readonly stage: Stage;
  readonly folder: string;
  readonly modelFile: string;
}

/** A version whose bytes were hashed and found to be the ones its metadata declares. */
export interface VerifiedVersion extends ModelVersion {
  readonly digest: Digest;
  readonly metadata: ModelMetadata;
}

async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch {
    return []; // a stage nobody has used yet has no folder
  }
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function versionsIn(root: string, stage: Stage, name: string): Promise<ModelVersion[]> {
  const folder = path.join(root, stage, name);
  const versions = (await foldersIn(folder)).filter(isVersion).sort(compareVersions);
  const found = versions.map((version) => ({
    name,
    version,
    stage,
    folder: path.join(folder, version),
    modelFile: path.join(folder, version, MODEL_FILE),
  }));
  const present = await Promise.all(found.map((version) => isFile(version.modelFile)));
  return found.filter((_, index) => present[index]);
}

/** Every version under ROOT, by stage, then name, then version. Folders that are no model are passed over. */
export async function listVersions(root: string): Promise<ModelVersion[]> {
  const perStage = STAGES.map(async (stage) => {
    const names = (await foldersIn(path.join(root, stage))).filter(isModelName).sort();
    return Promise.all(names.map((name) => versionsIn(root, stage, name)));
  });
  return (await Promise.all(perStage)).flat(2);
}

/** The version in the first stage that has it (production, staging, archive), or in `stage` alone. */
export async function findVersion(
  root: string,
  name: string,
  version: string,
  stage?: Stage,
): Promise<Result<ModelVersion>> {
  for (const candidate of stage === undefined ? STAGES : [stage]) {
    const folder = versionFolder(root, candidate, name, version);
    if (!folder.ok) return folder;
    const modelFile = path.join(folder.value, MODEL_FILE);
    if (await isFile(modelFile)) {
      return ok({ name, version, stage: candidate, folder: folder.value, modelFile });
    }
  }
  return fail(await missing(root, name, version, stage));
}

async function missing(root: string, name: string, version: string, stage: Stage | undefined) {
  const where = stage === undefined ? 'any stage' : stage;
  const others = (await listVersions(root)).filter((found) => found.name === name);
  const known = others.map((found) => `${found.version} (${found.stage})`).join(', ');
  return problem(
    'ModelNotFound',
    `${name}/${version}`,
    `no such model version in ${where} of ${root}`,
    known === '' ? 'run "gantry model list" to see what there is' : `there is ${known}`,
  );
}

/**
 * Hashes the model's bytes. Fails with `DigestMismatch` when they are not the ones that `expected` (what was
 * declared, when given) or the version's own metadata names.
 */
export async function verifyVersion(
  version: ModelVersion,
  expected?: string,
): Promise<Result<VerifiedVersion>> {
  const metadata = await readMetadata(version.folder);
  if (!metadata.ok) return metadata;
  const { name, version: number } = metadata.value;
  if (name !== version.name || number !== version.version) {
    return fail(
      problem(
        'MetadataMismatch',
        version.folder,
        `its model.json is of ${name}/${number}`,
        'restore the right folder',
      ),
    );
  }
  let digest: Digest;
  try {
    digest = await digestOfFile(version.modelFile);
  } catch (error) {
    return fail(
      problem('ModelUnreadable', version.modelFile, messageOf(error), 'check the file and its permissions'),
    );
  }
  for (const declared of [metadata.value.digest, expected]) {
    if (declared !== undefined && declared !== digest) {
      return fail(
        problem(
          'DigestMismatch',
          version.modelFile,
          `its bytes have digest ${digest}, declared is ${declared}`,
          'declare the digest that "gantry model show" prints, or restore the right file',
        ),
      );
    }
  }
  return ok({ ...version, digest, metadata: metadata.value });
}

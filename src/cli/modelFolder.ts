/**
 * Any folder of models: Gantry's registry (STAGE/NAME/VERSION/model.onnx) or a plain model repository as Triton has it
 * (NAME/VERSION/model.onnx).
 */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  digestOfFile,
  fail,
  messageOf,
  ok,
  problem,
  type Problem,
  ProblemError,
  type Result,
} from '../base/index.js';
import {
  compareVersions,
  isModelName,
  isVersion,
  listVersions,
  MODEL_FILE,
  readMetadata,
  STAGES,
} from '../registry/index.js';
import type { ModelRepository, ModelSource } from '../serving/index.js';

/** A version of a model that lies in the folder; its bytes are not looked at. */
type Found = Omit<ModelSource, 'digest'>;

type DigestOf = (path: string) => Promise<string>;

/** Links to folders are folders: a repository is often put together of them. */
async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const isFolder = async (entry: (typeof entries)[number]): Promise<boolean> => {
    if (!entry.isSymbolicLink()) return entry.isDirectory();
    return stat(path.join(folder, entry.name)).then(
      (target) => target.isDirectory(),
      () => false,
    );
  };
  const are = await Promise.all(entries.map(isFolder));
  return entries.filter((_, index) => are[index]).map((entry) => entry.name);
}

async function plainVersions(root: string): Promise<Found[]> {
  const found: Found[] = [];
  for (const name of (await foldersIn(root)).filter(isModelName).sort()) {
    for (const version of (await foldersIn(path.join(root, name))).filter(isVersion).sort(compareVersions)) {
      const folder = path.join(root, name, version);
      if ((await readdir(folder)).includes(MODEL_FILE))
        found.push({ name, version, stage: '', path: path.join(folder, MODEL_FILE) });
    }
  }
  return found;
}

/** A version in several stages is there once, in the first stage. */
async function registryVersions(root: string): Promise<Found[]> {
  const found = new Map<string, Found>();
  for (const { name, version, stage, modelFile } of await listVersions(root)) {
    const key = `${name}/${version}`;
    if (!found.has(key)) found.set(key, { name, version, stage, path: modelFile });
  }
  return [...found.values()];
}

/** Rejects as `fs` does when the folder cannot be read. */
async function versionsIn(root: string): Promise<Found[]> {
  const isRegistry = (await foldersIn(root)).some((name) => (STAGES as readonly string[]).includes(name));
  const registered = isRegistry ? await registryVersions(root) : [];
  return registered.length > 0 ? registered : plainVersions(root);
}

/** Fails when the bytes are not the ones that the registry declares. */
async function withDigest(found: Found, digestOf: DigestOf): Promise<Result<ModelSource>> {
  const digest = await digestOf(found.path);
  const metadata = found.stage === '' ? undefined : await readMetadata(path.dirname(found.path));
  if (metadata?.ok !== true) return ok({ ...found, digest });
  if (metadata.value.digest === digest)
    return ok({ ...found, digest, examples: metadata.value.golden.examples });
  const what = `its bytes have digest ${digest}, declared is ${metadata.value.digest}`;
  return fail(problem('DigestMismatch', found.path, what, 'restore the right file'));
}

async function allWithDigests(
  found: readonly Found[],
  digestOf: DigestOf,
): Promise<Result<readonly ModelSource[]>> {
  const sources: ModelSource[] = [];
  for (const each of found) {
    const source = await withDigest(each, digestOf);
    if (!source.ok) return source;
    sources.push(source.value);
  }
  return ok(sources);
}

/** Every model of the folder, digests computed. Fails when there is none. */
export async function modelsInFolder(root: string): Promise<Result<readonly ModelSource[]>> {
  try {
    const found = await versionsIn(root);
    if (found.length > 0) return await allWithDigests(found, digestOfFile);
    const remedy = 'a model lies at STAGE/NAME/VERSION/model.onnx or NAME/VERSION/model.onnx';
    return fail(problem('NoModels', root, 'no models there', remedy));
  } catch (error) {
    return fail(unreadable(root, error));
  }
}

/** The folder as models are loaded from it by name. `names`: those that may be; all where it is empty. */
export function modelRepository(root: string, names: readonly string[]): ModelRepository {
  const isAllowed = ({ name }: Found) => names.length === 0 || names.includes(name);
  return {
    async find(model, digestOf) {
      try {
        // Compared with what is there: no path is made of what a client said.
        const found = (await versionsIn(root)).filter((each) => each.name === model && isAllowed(each));
        if (found.length > 0) return await allWithDigests(found, digestOf);
        return fail(problem('ModelNotFound', '', 'there is no such model in the repository'));
      } catch (error) {
        return fail(error instanceof ProblemError ? error.problem : unreadable(root, error));
      }
    },
    list: async () => (await versionsIn(root).catch(() => [])).filter(isAllowed),
  };
}

function unreadable(root: string, error: unknown): Problem {
  return problem('FolderUnreadable', root, messageOf(error), 'name a folder of models with --models');
}

/**
 * Any folder of models: Gantry's registry (STAGE/NAME/VERSION/model.onnx) or a plain model repository as Triton has it
 * (NAME/VERSION/model.onnx).
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { digestOfFile, fail, messageOf, ok, problem, type Result } from '../base/index.js';
import {
  compareVersions,
  isModelName,
  isVersion,
  listVersions,
  MODEL_FILE,
  readMetadata,
  STAGES,
} from '../registry/index.js';
import type { ModelSource } from '../serving/index.js';

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

async function repositoryFiles(root: string): Promise<{ name: string; version: string; path: string }[]> {
  const found: { name: string; version: string; path: string }[] = [];
  for (const name of (await foldersIn(root)).filter(isModelName).sort()) {
    for (const version of (await foldersIn(path.join(root, name))).filter(isVersion).sort(compareVersions)) {
      const folder = path.join(root, name, version);
      if ((await readdir(folder)).includes(MODEL_FILE))
        found.push({ name, version, path: path.join(folder, MODEL_FILE) });
    }
  }
  return found;
}

/** A version in several stages is served once, from the first stage. Fails when a file is not the declared one. */
async function registrySources(root: string): Promise<Result<ModelSource[]>> {
  const sources = new Map<string, ModelSource>();
  for (const { name, version, stage, folder, modelFile } of await listVersions(root)) {
    const key = `${name}/${version}`;
    if (sources.has(key)) continue;
    const digest = await digestOfFile(modelFile);
    const metadata = await readMetadata(folder);
    if (metadata.ok && metadata.value.digest !== digest) {
      return fail(
        problem(
          'DigestMismatch',
          modelFile,
          `its bytes have digest ${digest}, declared is ${metadata.value.digest}`,
          'restore the right file',
        ),
      );
    }
    sources.set(key, { name, version, stage, path: modelFile, digest });
  }
  return ok([...sources.values()]);
}

/** Every model of the folder, digests computed. Fails when there is none. */
export async function modelsInFolder(root: string): Promise<Result<ModelSource[]>> {
  try {
    const isRegistry = (await foldersIn(root)).some((name) => (STAGES as readonly string[]).includes(name));
    if (isRegistry) {
      const sources = await registrySources(root);
      if (!sources.ok || sources.value.length > 0) return sources;
    }
    const files = await repositoryFiles(root);
    if (files.length > 0) {
      return ok(
        await Promise.all(
          files.map(async (file) => ({ ...file, stage: '', digest: await digestOfFile(file.path) })),
        ),
      );
    }
    return fail(
      problem(
        'NoModels',
        root,
        'no models there',
        'a model lies at STAGE/NAME/VERSION/model.onnx or NAME/VERSION/model.onnx',
      ),
    );
  } catch (error) {
    return fail(problem('FolderUnreadable', root, messageOf(error), 'name a folder of models with --models'));
  }
}

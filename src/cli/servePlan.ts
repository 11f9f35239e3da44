/** What `gantry serve` is to serve: the model of a pod, a folder of models, or what the first process of the pod serves. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { defaultServingSettings, type ServingConfig } from '../api/index.js';
import { digestOfFile, fail, messageOf, ok, problem, type Result } from '../base/index.js';
import { findVersion, verifyVersion } from '../registry/index.js';
import type { ModelRepository, ModelSource, ServerConfig } from '../serving/index.js';
import type { Member } from '../serving/processes/index.js';
import type { OptionValues } from './command.js';
import type { CommandIo } from './io.js';
import { modelRepository, modelsInFolder } from './modelFolder.js';

export interface ServePlan {
  readonly config: ServerConfig;
  readonly models: readonly ModelSource[];
  /** Where clients may have models loaded from. */
  readonly repository?: ModelRepository;
  /** Processes of the pod, where that is known already. */
  readonly processes?: number;
}

export async function planServing(io: CommandIo, options: OptionValues): Promise<Result<ServePlan>> {
  const { root, configFile, explicit } = placesOf(io, options);
  const [names, loaded] = [namesOf(options.model), namesOf(options.loadModel)];
  if (!explicit && loaded.length > 0) {
    const remedy = 'add --model-control-mode explicit, or choose models with --model';
    return fail(problem('ModelControlOff', '--load-model', 'every model of the folder is loaded', remedy));
  }
  if (configFile !== undefined) return explicit ? fail(POD_IS_DECLARED) : planPod(root, configFile);
  if (!explicit) return planFolder(root, names);
  const repository = modelRepository(root, names);
  const models = await chosenOf(root, loaded, repository);
  return models.ok ? ok({ config: defaultServingSettings(), models: models.value, repository }) : models;
}

/** A process beside the first one serves what that one serves, bytes and all, whatever the folder holds by now. */
export async function planMember(
  io: CommandIo,
  options: OptionValues,
  member: Member,
): Promise<Result<ServePlan>> {
  const { root, configFile, explicit } = placesOf(io, options);
  const share = await member.share();
  if (share === undefined)
    return fail(problem('NoShare', '', 'the first process does not say what to serve'));
  const config = configFile === undefined ? ok(defaultServingSettings()) : await readConfig(configFile);
  if (!config.ok) return config;
  for (const { path: file, digest } of share.models) {
    const found = await digestOfFile(file);
    if (found === digest) continue;
    const what = `its bytes have digest ${found}, not ${digest} as when the server loaded it`;
    return fail(problem('DigestMismatch', file, what, 'restore the file, or start the server again'));
  }
  return ok({
    config: config.value,
    ...share,
    ...(explicit && { repository: modelRepository(root, namesOf(options.model)) }),
  });
}

const POD_IS_DECLARED = problem(
  'ModelControlOff',
  '--model-control-mode',
  'a pod serves what its configuration declares',
  'leave out --config, or change the ModelDeployment instead',
);

function placesOf({ workingDirectory }: CommandIo, options: OptionValues) {
  return {
    root: path.resolve(workingDirectory, options.models as string),
    configFile:
      typeof options.config === 'string' ? path.resolve(workingDirectory, options.config) : undefined,
    explicit: options.modelControlMode === 'explicit',
  };
}

function namesOf(value: unknown): readonly string[] {
  return (value as readonly string[] | undefined) ?? [];
}

async function readConfig(file: string): Promise<Result<ServingConfig>> {
  const remedy = 'the operator writes this file; see the ConfigMap of the ModelDeployment';
  try {
    const config = JSON.parse(await readFile(file, 'utf8')) as ServingConfig;
    if (config.apiVersion === 'gantry.dev/serving.v1alpha1') return ok(config);
    return fail(
      problem(
        'ConfigInvalid',
        file,
        `apiVersion is ${String(config.apiVersion)}, not gantry.dev/serving.v1alpha1`,
        remedy,
      ),
    );
  } catch (error) {
    return fail(problem('ConfigUnreadable', file, messageOf(error), remedy));
  }
}

/** The one model of a pod, from whichever stage holds it; its bytes must be the declared ones. */
async function planPod(root: string, configFile: string): Promise<Result<ServePlan>> {
  const config = await readConfig(configFile);
  if (!config.ok) return config;
  const { name, version, digest } = config.value.model;
  const found = await findVersion(root, name, version);
  if (!found.ok) return found;
  const verified = await verifyVersion(found.value, digest);
  if (!verified.ok) return verified;
  return ok({
    config: config.value,
    models: [
      {
        name,
        version,
        stage: found.value.stage,
        path: found.value.modelFile,
        digest,
        examples: verified.value.metadata.golden.examples,
      },
    ],
  });
}

async function planFolder(root: string, names: readonly string[]): Promise<Result<ServePlan>> {
  const found = await modelsInFolder(root);
  if (!found.ok) return found;
  const unknown = names.find((name) => !found.value.some((model) => model.name === name));
  if (unknown !== undefined) {
    const known = [...new Set(found.value.map((model) => model.name))].join(', ');
    return fail(
      problem('ModelNotFound', `--model ${unknown}`, `no such model in ${root}`, `there is ${known}`),
    );
  }
  const models = names.length === 0 ? found.value : found.value.filter((model) => names.includes(model.name));
  return ok({ config: defaultServingSettings(), models });
}

/** What is loaded at the start where clients may load the rest: `*` is all there is. */
async function chosenOf(
  root: string,
  names: readonly string[],
  repository: ModelRepository,
): Promise<Result<readonly ModelSource[]>> {
  const wanted = names.includes('*') ? (await repository.list()).map(({ name }) => name) : names;
  const models: ModelSource[] = [];
  for (const name of new Set(wanted)) {
    const found = await repository.find(name, digestOfFile);
    if (found.ok) models.push(...found.value);
    else if (found.error.code !== 'ModelNotFound') return found;
    else return fail(problem('ModelNotFound', `--load-model ${name}`, `no such model in ${root}`));
  }
  return ok(models);
}

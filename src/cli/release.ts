/** What `gantry promote` and `gantry rollback` share: the workspace from flags, and showing or carrying out a change. */
import path from 'node:path';
import { ok, type Result } from '../base/index.js';
import { carryOut, type Change, openRepository, type Workspace } from '../gitops/index.js';
import { replayOnRuntime } from './golden.js';
import { type CommandIo, type ExitCode, type OutputFormat, reportProblem, writeJson } from './io.js';
import type { OptionValues } from './command.js';

async function openWorkspace(io: CommandIo, options: OptionValues): Promise<Result<Workspace>> {
  const repository = await openRepository(path.resolve(io.workingDirectory, options.repo as string));
  if (!repository.ok) return repository;
  const inside = (given: unknown, standard: string) =>
    typeof given === 'string'
      ? path.resolve(io.workingDirectory, given)
      : path.join(repository.value, standard);
  return ok({
    repository: repository.value,
    models: inside(options.models, 'models'),
    manifests: inside(options.manifest, 'manifests'),
    replayGolden: replayOnRuntime,
  });
}

/** The lines of the manifest that change, as a diff shows them. */
function changedLines(change: Change): string[] {
  const before = change.manifest.source.split('\n');
  const after = change.text.split('\n');
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line.trimEnd()}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line.trimEnd()}`),
  ];
}

function describeChange(workspace: Workspace, change: Change): string {
  const { verb, version, from, to, manifest, goldenExamples } = change;
  return [
    `${verb} ${version.name}: version ${manifest.block.version} -> ${version.version} (${from} -> ${to})`,
    `  digest   ${version.digest} (verified)`,
    `  golden   ${goldenExamples} examples replayed`,
    `  manifest ${path.relative(workspace.repository, manifest.file)}`,
    ...changedLines(change).map((line) => `    ${line}`),
  ].join('\n');
}

/** Opens the workspace, plans with `plan`, then prints (dry run) or carries out what was planned. */
export async function release(
  io: CommandIo,
  options: OptionValues,
  plan: (workspace: Workspace) => Promise<Result<Change>>,
): Promise<ExitCode> {
  const output = options.output as OutputFormat;
  const workspace = await openWorkspace(io, options);
  if (!workspace.ok) return reportProblem(io, workspace.error, output);
  const change = await plan(workspace.value);
  if (!change.ok) return reportProblem(io, change.error, output);
  const { verb, version, from, to } = change.value;
  const summary = { verb, model: version.name, version: version.version, digest: version.digest, from, to };
  if (output === 'text') io.stdout.write(`${describeChange(workspace.value, change.value)}\n`);
  if (options.dryRun === true) {
    if (output === 'json') writeJson(io, { ...summary, dryRun: true, diff: changedLines(change.value) });
    else io.stdout.write('dry run: nothing was changed\n');
    return 0;
  }
  const done = await carryOut(workspace.value, change.value);
  if (!done.ok) return reportProblem(io, done.error, output);
  if (output === 'json')
    writeJson(io, { ...summary, commit: done.value.commit, backups: done.value.promotion.backups });
  else
    io.stdout.write(
      `committed ${done.value.commit.slice(0, 12)}; apply it: kubectl apply -f ${change.value.manifest.file}\n`,
    );
  return 0;
}

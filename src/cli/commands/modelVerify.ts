/** `gantry model verify [NAME]`: digests and golden examples of every version. */
import path from 'node:path';
import { fail, formatProblem, problem, type Result } from '../../base/index.js';
import { listVersions, type ModelVersion, verifyVersion } from '../../registry/index.js';
import { replayOnRuntime } from '../golden.js';
import { formatTable, type OutputFormat, reportProblem, writeJson } from '../io.js';
import type { CommandRunner } from '../command.js';

async function verify(version: ModelVersion): Promise<Result<number>> {
  const verified = await verifyVersion(version);
  return verified.ok ? replayOnRuntime(verified.value) : verified;
}

async function selected(root: string, name: string | undefined): Promise<Result<ModelVersion[]>> {
  const versions = (await listVersions(root)).filter(
    (version) => name === undefined || version.name === name,
  );
  if (versions.length > 0) return { ok: true, value: versions };
  return fail(
    problem(
      'ModelNotFound',
      name ?? root,
      'no model version there',
      'run "gantry model list" to see what there is',
    ),
  );
}

export const run: CommandRunner = async (io, options, [name]) => {
  const output = options.output as OutputFormat;
  const versions = await selected(path.resolve(io.workingDirectory, options.models as string), name);
  if (!versions.ok) return reportProblem(io, versions.error, output);
  const results: { version: ModelVersion; result: Result<number> }[] = [];
  for (const version of versions.value) results.push({ version, result: await verify(version) });
  if (output === 'json') {
    writeJson(
      io,
      results.map(({ version, result }) => ({ ...version, ...result })),
    );
  } else {
    const rows = results.map(({ version, result }) => [
      version.stage,
      version.name,
      version.version,
      result.ok ? `ok: digest, ${result.value} golden examples` : formatProblem(result.error),
    ]);
    io.stdout.write(`${formatTable(['STAGE', 'NAME', 'VERSION', 'RESULT'], rows)}\n`);
  }
  return results.every(({ result }) => result.ok) ? 0 : 1;
};

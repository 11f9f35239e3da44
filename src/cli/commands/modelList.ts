/** `gantry model list` */
import path from 'node:path';
import { listVersions, readMetadata } from '../../registry/index.js';
import { formatTable, writeJson } from '../io.js';
import type { CommandRunner } from '../command.js';

export const run: CommandRunner = async (io, options) => {
  const root = path.resolve(io.workingDirectory, options.models as string);
  const versions = await listVersions(root);
  const rows = await Promise.all(
    versions.map(async ({ name, version, stage, folder }) => {
      const metadata = await readMetadata(folder);
      return { name, version, stage, digest: metadata.ok ? metadata.value.digest : '', folder };
    }),
  );
  if (options.output === 'json') {
    writeJson(io, rows);
  } else if (rows.length === 0) {
    io.stdout.write(`no models in ${root}: a model lies at STAGE/NAME/VERSION/model.onnx\n`);
  } else {
    const cells = rows.map((row) => [
      row.stage,
      row.name,
      row.version,
      row.digest.slice(0, 19) || '(no model.json)',
    ]);
    io.stdout.write(`${formatTable(['STAGE', 'NAME', 'VERSION', 'DIGEST'], cells)}\n`);
  }
  return 0;
};

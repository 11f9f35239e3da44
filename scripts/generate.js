// Writes what is generated from src/api: the CRD (manifests, chart) and docs/reference.md. `--check` writes nothing
// and fails when a file differs.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = path.dirname(import.meta.dirname);
const bundle = path.join(root, 'node_modules/.cache/gantry', `generate-${process.pid}.mjs`);

await build({
  entryPoints: [path.join(root, 'scripts/generate/files.ts')],
  outfile: bundle,
  bundle: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  logLevel: 'error',
});
try {
  const { generatedFiles } = await import(pathToFileURL(bundle).href);
  const check = process.argv.includes('--check');
  for (const [file, text] of generatedFiles()) {
    const target = path.join(root, file);
    const current = await readFile(target, 'utf8').catch(() => '');
    if (current === text) continue;
    if (check) {
      console.error(`${file} differs from src/api; run npm run generate`);
      process.exitCode = 1;
      continue;
    }
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text);
    console.log(`wrote ${file}`);
  }
} finally {
  await rm(bundle, { force: true });
}

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = new URL('../../', import.meta.url);

/** Builds the worker thread's program into `folder`, as scripts/build.js does: Node 20 runs no TypeScript. */
export async function buildWorker(folder: string): Promise<URL> {
  const outfile = join(folder, 'serving-worker.mjs');
  const addon = new URL('node_modules/onnxruntime-node/dist/binding.js', root).href;
  await build({
    entryPoints: [new URL('src/serving/runtime/worker.ts', root).pathname],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // The folder is outside of the repository, where a bare name finds no package.
    plugins: [
      {
        name: 'addon-by-address',
        setup(context) {
          context.onResolve({ filter: /^onnxruntime-node/ }, () => ({ path: addon, external: true }));
        },
      },
    ],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'silent',
  });
  return pathToFileURL(outfile);
}

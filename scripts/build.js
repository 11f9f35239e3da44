// Bundles src/ into dist/: one entry for the program, one for the worker thread that runs slow models. Native addons
// and packages that read files beside themselves stay in node_modules.
import { rmSync } from 'node:fs';
import { existsSync } from 'node:fs';
import { build } from 'esbuild';

const EXTERNAL = [
  'onnxruntime-node',
  'lmdb',
  '@kubernetes/client-node',
  'swagger-ui-dist',
  '@peculiar/x509',
  'reflect-metadata',
  '@grpc/*',
];

const entryPoints = {
  gantry: 'src/cli/main.ts',
  'serving-worker': 'src/serving/runtime/worker.ts',
};

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: Object.fromEntries(Object.entries(entryPoints).filter(([, file]) => existsSync(file))),
  outdir: 'dist',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: EXTERNAL,
  sourcemap: true,
  logLevel: 'warning',
  // CommonJS dependencies inside an ES module bundle still call require for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});

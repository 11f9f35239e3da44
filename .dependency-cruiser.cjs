/** The one-way import table of the design: each module lists what it may import; nothing else passes. */
const ALLOWED = {
  base: [],
  api: ['base'],
  kube: ['base'],
  registry: ['base', 'api'],
  rollout: ['base', 'api'],
  serving: ['base', 'api', 'registry'],
  operator: ['base', 'api', 'kube', 'rollout'],
  gitops: ['base', 'api', 'registry'],
  local: ['base', 'kube'],
};

const moduleRules = Object.entries(ALLOWED).map(([from, allowed]) => ({
  name: `${from}-imports-only-${['itself', ...allowed].join('-')}`,
  severity: 'error',
  from: { path: `^src/${from}/` },
  to: { path: '^src/', pathNot: `^src/(${[from, ...allowed].join('|')})/` },
}));

/** A module is entered by its index.ts; the local cluster's parts have one each. */
const entryRules = Object.keys(ALLOWED).map((name) => ({
  name: `${name}-is-imported-through-its-index`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/${name}/` },
  to: { path: `^src/${name}/`, pathNot: `^src/${name}/(index|.+/index)\\.ts$` },
}));

const only = (name, library, folder) => ({
  name,
  severity: 'error',
  from: { path: '^src/', pathNot: folder },
  to: { path: `node_modules/${library}/` },
});

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
    {
      name: 'nobody-imports-cli',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'src-imports-no-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    ...moduleRules,
    ...entryRules,
    only('only-the-runtime-imports-onnxruntime', 'onnxruntime-node', '^src/serving/runtime/'),
    only('only-http-imports-koa', 'koa(-router)?', '^src/serving/http/'),
    only('only-grpc-imports-grpc', '@grpc', '^src/(serving/grpc|local/node)/'),
    only('only-the-redis-cache-imports-ioredis', 'ioredis', '^src/serving/cache/'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};

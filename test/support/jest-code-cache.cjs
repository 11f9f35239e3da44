/**
 * Keeps V8's code of what was compiled, by its source. Jest compiles its own modules, and those of packages, anew for
 * each test file, and what it passes on for `import()` keeps V8 from finding them in its own cache.
 */
const vm = require('node:vm');

const codeOf = new Map();
const { compileFunction } = vm;

vm.compileFunction = function (source, parameters, options) {
  const cachedData = codeOf.get(source);
  const produceCachedData = cachedData === undefined;
  const compiled = compileFunction(source, parameters, { ...options, cachedData, produceCachedData });
  if (produceCachedData) codeOf.set(source, compiled.cachedData);
  return compiled;
};

// Holds src/ to the import table, and to having been seen at all: a cruise of no modules passes every rule.
import { readdirSync } from 'node:fs';
import { cruise } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const options = await extractDepcruiseOptions('./.dependency-cruiser.cjs');
const { output } = await cruise(['src'], options, undefined, {
  tsConfig: extractTSConfig('./tsconfig.json'),
});
const { summary, modules } = output;
const seen = modules.filter((module) => module.source.startsWith('src/')).length;
const files = readdirSync('src', { recursive: true }).filter((name) => name.endsWith('.ts')).length;

for (const violation of summary.violations) {
  console.error(`${violation.rule.name}: ${violation.from} -> ${violation.to}`);
}
if (seen < files)
  console.error(`dependency-cruiser saw ${seen} of ${files} modules: the check would be vacuous`);
if (summary.violations.length > 0 || seen < files) process.exit(1);
console.log(`boundaries hold: ${seen} modules, ${summary.totalDependenciesCruised} dependencies`);

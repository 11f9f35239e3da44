/** Every file that is generated from src/api: written by `npm run generate`, compared by test/api/generated.test.ts. */
import { dump } from 'js-yaml';
import { customResourceDefinition } from '../../src/api/index.js';
import { OPERATOR_RULES, rbacObjects } from './rbac.js';
import { renderReference } from './reference.js';

/** Path from the root of the repository -> content. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const crd = yaml('src/api', [customResourceDefinition()]);
  return new Map([
    ['manifests/crd.yaml', crd],
    ['charts/gantry/crds/modeldeployments.yaml', crd],
    ['manifests/rbac.yaml', yaml('scripts/generate/rbac.ts', rbacObjects())],
    ['charts/gantry/rules.yaml', yaml('scripts/generate/rbac.ts', [OPERATOR_RULES])],
    ['docs/reference.md', renderReference()],
  ]);
}

function yaml(source: string, documents: readonly unknown[]): string {
  const texts = documents.map((document) => dump(document, { noRefs: true, lineWidth: 110 }));
  return `# Generated from ${source} by \`npm run generate\`. Do not edit.\n${texts.join('---\n')}`;
}

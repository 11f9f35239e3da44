/** Every file that is generated from src/api: written by `npm run generate`, compared by test/api/generated.test.ts. */
import { dump } from 'js-yaml';
import { customResourceDefinition } from '../../src/api/index.js';
import { renderReference } from './reference.js';

const YAML_HEADER = '# Generated from src/api by `npm run generate`. Do not edit.\n';

/** Path from the root of the repository -> content. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const crd = YAML_HEADER + dump(customResourceDefinition(), { noRefs: true, lineWidth: 110 });
  return new Map([
    ['manifests/crd.yaml', crd],
    ['charts/gantry/crds/modeldeployments.yaml', crd],
    ['docs/reference.md', renderReference()],
  ]);
}

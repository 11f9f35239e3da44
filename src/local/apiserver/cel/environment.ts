/** The environment every rule is compiled in: CEL with optional values, and Kubernetes' libraries. */
import { Environment } from '@marcbachmann/cel-js';
import { registerAddresses } from './libraries/addresses.js';
import { registerFormats } from './libraries/formats.js';
import { registerLists } from './libraries/lists.js';
import { registerQuantities } from './libraries/quantities.js';
import { registerRegex } from './libraries/regex.js';
import { registerSemver } from './libraries/semver.js';
import { registerStrings } from './libraries/strings.js';
import { registerUrls } from './libraries/urls.js';

const LIMITS = {
  maxAstNodes: 10_000,
  maxDepth: 100,
  maxListElements: 1_000,
  maxMapEntries: 1_000,
  maxCallArguments: 32,
};

let shared: Environment | undefined;

/** A new environment to declare types and variables in; the libraries are registered once. */
export function createEnvironment(): Environment {
  if (shared === undefined) {
    shared = new Environment({
      enableOptionalTypes: true,
      homogeneousAggregateLiterals: false,
      limits: LIMITS,
    });
    for (const register of [
      registerStrings,
      registerLists,
      registerQuantities,
      registerUrls,
      registerAddresses,
      registerRegex,
      registerFormats,
      registerSemver,
    ]) {
      register(shared);
    }
  }
  return shared.clone();
}

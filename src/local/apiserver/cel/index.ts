export { compileRules, type CompiledRule, type Rule } from './compile-rules.js';
export { estimateCost } from './estimate.js';
export { hasRules, type RuleVerdict, validateRulesOf } from './rules.js';
export { maxChildren } from './sizes.js';
export { withResourceFields } from './types.js';

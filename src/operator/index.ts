export { DEFAULT_URL_TEMPLATE, type OperatorConfig } from './config.js';
export { createOperator, type Operator, type OperatorParts } from './operator.js';
export { modelDeployments } from './kinds.js';

/** The parameters of the model repository extension: what is not supported is refused, since ignoring it would do another thing than was asked. */
import type { InferenceError } from '../protocol/inference.js';
import type { ModelOrder } from '../processes/index.js';

/** Why an order cannot be followed with these parameters; undefined when it can. */
export function refuseParameters(
  action: ModelOrder['action'],
  parameters: Readonly<Record<string, unknown>>,
): InferenceError | undefined {
  for (const [name, value] of Object.entries(parameters)) {
    // No model here depends on another, so that both answers mean the same. tritonclient always sends it.
    const known = action === 'unload' && name === 'unload_dependents';
    if (known && typeof value === 'boolean') continue;
    return {
      code: 'InvalidArgument',
      message: known
        ? 'must be true or false'
        : 'is not supported: models are loaded as they are in the repository',
      place: `parameters.${name.slice(0, 100)}`,
    };
  }
  return undefined;
}

/** Who owns which field after a write. */
import type { KubeObject } from '../../../kube/index.js';
import type { Call } from './call.js';
import type { WriteOptions } from './requestOptions.js';

export interface Write {
  readonly call: Call;
  readonly options: WriteOptions;
  readonly subresource: string;
}

/** The object with managedFields for an Update by the request's manager. */
export function withOwnership(after: KubeObject, _before: KubeObject | undefined, _write: Write): KubeObject {
  return after;
}

import type { Result } from '../../base/index.js';
import type { ModelSource } from '../dataplane/index.js';

/** The folder that models are loaded from by name. A port: the server knows no layout of folders. */
export interface ModelRepository {
  /**
   * Every version of a model that is there now, with the digest of its bytes. Fails when there is none, or when bytes are
   * not the ones declared. `model` is what a client said, and may be anything.
   */
  find(model: string, digestOf: (path: string) => Promise<string>): Promise<Result<readonly ModelSource[]>>;
  /** What could be loaded. */
  list(): Promise<readonly { readonly name: string; readonly version: string }[]>;
}

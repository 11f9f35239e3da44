/** The two steps of a change, in this process: see processes/everywhere.ts. */
import { type Clock, fail, ok, type Result, withinTime } from '../../base/index.js';
import type { DataPlaneOptions, ModelCatalogue, PreparedChange } from '../dataplane/index.js';
import type { ChangeAnswer, ChangeStep } from '../processes/index.js';

export interface LocalChangesOptions {
  readonly catalogue: ModelCatalogue;
  /** What models are served with; undefined before the server has that. */
  readonly dataPlane: () => DataPlaneOptions | undefined;
  /** Called when other models are served than before. */
  readonly onChanged: () => void;
  readonly clock: Clock;
}

/** Whoever ordered the change is not kept waiting for longer than this by those that the former models still answer. */
const LONGEST_GOODBYE_MS = 30_000;

export class LocalChanges {
  readonly #options: LocalChangesOptions;
  #prepared: Promise<Result<PreparedChange, string>> | undefined;

  constructor(options: LocalChangesOptions) {
    this.#options = options;
  }

  async take(step: ChangeStep): Promise<ChangeAnswer> {
    const { catalogue, dataPlane } = this.#options;
    if (step.what === 'prepare') {
      const options = dataPlane();
      if (options === undefined) return fail({ code: 'NotReady', message: 'the server is still starting' });
      this.#prepared = catalogue.prepare(step.change, options);
      const prepared = await this.#prepared;
      return prepared.ok ? ok(undefined) : fail({ code: 'InvalidArgument', message: prepared.error });
    }
    const prepared = this.#prepared;
    this.#prepared = undefined;
    if (step.what === 'commit') await this.#commit(await prepared);
    // Nobody waits for what still loads: it is given up when it is there.
    else void prepared?.then((late) => (late.ok ? late.value.abandon() : undefined));
    return ok(undefined);
  }

  async #commit(prepared: Result<PreparedChange, string> | undefined): Promise<void> {
    if (prepared?.ok !== true) return;
    const { onChanged, clock } = this.#options;
    const freed = prepared.value.commit();
    onChanged();
    await withinTime(freed, clock, LONGEST_GOODBYE_MS);
  }
}

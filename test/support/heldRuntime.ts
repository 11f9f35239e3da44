/** A runtime whose runs can be held back, so that a test decides when the model answers. */
import { createOnnxRuntime } from '../../src/serving/index.js';
import type { Runtime } from '../../src/serving/runtime/index.js';

export interface HeldRuntime extends Runtime {
  /** From now on runs wait. */
  hold(): void;
  /** Lets all go on. */
  release(): void;
  /** Resolves when `runs` runs are being held back. */
  running(runs: number): Promise<void>;
}

export function heldRuntime(): HeldRuntime {
  const onnx = createOnnxRuntime();
  let gate: { readonly opened: Promise<void>; open(): void } | undefined;
  const arrived: (() => void)[] = [];
  let held = 0;
  return {
    hold() {
      let open: () => void = () => undefined;
      const opened = new Promise<void>((resolve) => (open = resolve));
      gate ??= { opened, open };
    },
    release() {
      gate?.open();
      gate = undefined;
    },
    async running(runs) {
      while (held < runs) await new Promise<void>((resolve) => arrived.push(resolve));
    },
    async load(path, options) {
      const model = await onnx.load(path, options);
      return {
        signature: model.signature,
        // Runs that wait do not block the thread, as a pool's do not.
        lanes: 2,
        async run(inputs, outputs) {
          if (gate !== undefined) {
            held++;
            for (const tell of arrived.splice(0)) tell();
            await gate.opened;
            held--;
          }
          return model.run(inputs, outputs);
        },
        release: () => model.release(),
      };
    },
  };
}

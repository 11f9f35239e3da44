/** A bounded queue of a watch's frames between the writers of objects and one reader. */
const MAX_FRAMES = 1000;

export interface EventStream {
  readonly frames: AsyncIterable<Uint8Array>;
  /** False when the reader is too slow: the stream has been closed. */
  push(frame: Uint8Array): boolean;
  /** Ends the stream after what is queued. */
  close(): void;
}

/** `onEnd` is called once, when the reader leaves or the stream is closed. */
export function createEventStream(initial: readonly Uint8Array[], onEnd: () => void): EventStream {
  let queue: Uint8Array[] = [...initial];
  let wake: (() => void) | undefined;
  let closed = false;
  let ended = false;

  const end = () => {
    if (ended) return;
    ended = true;
    onEnd();
  };
  const notify = () => {
    wake?.();
    wake = undefined;
  };
  const close = () => {
    closed = true;
    end();
    notify();
  };

  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const batch = queue;
        queue = [];
        if (batch.length > 0)
          yield batch.length === 1 && batch[0] !== undefined ? batch[0] : Buffer.concat(batch);
        if (queue.length > 0) continue;
        if (closed) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      close();
    }
  }

  return {
    frames: read(),
    push(frame) {
      if (closed) return false;
      if (queue.length >= MAX_FRAMES + initial.length) {
        queue = [];
        close();
        return false;
      }
      queue.push(frame);
      notify();
      return true;
    },
    close,
  };
}

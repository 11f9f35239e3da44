/** Long steps show that they live: a spinner on a terminal, plain lines elsewhere. */
import { type Clock, type Timer } from '../../base/index.js';

export interface Progress {
  /** Replaces the line of the running step. */
  update(text: string): void;
  /** Ends the running step, if there is one. */
  stop(): void;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 80;
const CLEAR_LINE = '\r\u001b[2K';

function spinner(stream: NodeJS.WritableStream, clock: Clock): Progress {
  let frame = 0;
  let text = '';
  let timer: Timer | undefined;
  const draw = () => {
    stream.write(`${CLEAR_LINE}${FRAMES[frame++ % FRAMES.length]} ${text}`);
    timer = clock.schedule(FRAME_MS, draw);
  };
  return {
    update(next) {
      text = next;
      timer?.cancel();
      draw();
    },
    stop() {
      if (timer === undefined) return;
      timer.cancel();
      timer = undefined;
      stream.write(CLEAR_LINE);
    },
  };
}

function plainLines(stream: NodeJS.WritableStream): Progress {
  let last = '';
  return {
    update(text) {
      if (text === last) return;
      last = text;
      stream.write(`${text}\n`);
    },
    stop: () => undefined,
  };
}

export function createProgress(stream: NodeJS.WritableStream & { isTTY?: boolean }, clock: Clock): Progress {
  return stream.isTTY === true ? spinner(stream, clock) : plainLines(stream);
}

/** How V8 runs a process that serves. A version of it without one of these flags says so on standard error and goes on. */
import { setFlagsFromString } from 'node:v8';

export function tuneV8(): void {
  // V8 lets the old part of a small heap grow to four times what is alive in it before it collects, and of a server under load
  // nearly all of that is garbage: 20 to 30 MiB resident. At one and a half times it collects a few times a minute more, of a
  // heap that takes milliseconds to mark.
  setFlagsFromString('--heap-growing-percent=50');
  // V8 makes objects old at once where those of one place in the code have outlived collections. Here those are parts of
  // requests, which outlive one by chance: once old they keep all they refer to, which then outlives collections too.
  setFlagsFromString('--no-allocation-site-pretenuring');
  // A thread of V8's gives back the memory of bodies that nobody needs any more, and a process that has one core for itself does not
  // let it: what it has not counted as given back collects the whole heap 30 times a second under large bodies.
  setFlagsFromString('--no-concurrent-array-buffer-sweeping');
  // How much of a function V8 runs before it compiles it for speed: some hundred requests instead of five thousand, which a server of a
  // slow model does not see in its first minute. What is compiled is the same.
  setFlagsFromString('--interrupt-budget=8000');
}

export { type BackoffPolicy, backoffDelay } from './backoff.js';
export { type Clock, sleep, systemClock, type Timer, withinTime } from './clock.js';
export { type Digest, DIGEST_PATTERN, digestOfBytes, digestOfFile } from './digest.js';
export {
  fail,
  formatProblem,
  messageOf,
  ok,
  problem,
  type Problem,
  ProblemError,
  type Result,
} from './errors.js';
export { createLogger, type Logger, type LoggerOptions, type LogLevel, silentLogger } from './logger.js';
export type { MetricsRegistry } from './metrics/index.js';
export { parseQuantity } from './quantity.js';
export { type Random, seededRandom, systemRandom } from './random.js';

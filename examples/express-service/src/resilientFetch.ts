/** fetch with a time limit, retries and the trace of the request at hand. */
import { traceHeaders } from './traceContext.js';

export interface ResilienceOptions {
  /** For everything, retries and waiting included, in milliseconds. */
  readonly deadlineMs: number;
  /** For one attempt. */
  readonly attemptMs: number;
  readonly attempts: number;
  /** Before the second attempt; doubled for each that follows, and spread by up to a half. */
  readonly backoffMs: number;
}

/** Answers that another attempt may better: too many requests, and a server that is away, full or late. */
const WORTH_ANOTHER = new Set([429, 502, 503, 504]);

/** A prediction changes nothing, so that asking again is always safe. Rejects when no attempt was answered in time. */
export function resilientFetch(options: ResilienceOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    const endsAt = Date.now() + options.deadlineMs;
    const body = request.body === null ? undefined : await request.arrayBuffer();
    for (let attempt = 1; ; attempt++) {
      const limitMs = Math.min(options.attemptMs, endsAt - Date.now());
      const last = attempt === options.attempts;
      const answer = await attemptOnce(request, body, limitMs).catch((error: unknown) => error as Error);
      if (answer instanceof Response && (last || !WORTH_ANOTHER.has(answer.status))) return answer;
      const waitMs = waitBefore(attempt + 1, answer, options);
      if (last || Date.now() + waitMs >= endsAt) {
        if (answer instanceof Response) return answer;
        throw answer;
      }
      if (answer instanceof Response) await answer.body?.cancel();
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  };
}

function attemptOnce(request: Request, body: ArrayBuffer | undefined, limitMs: number): Promise<Response> {
  const headers = new Headers(request.headers);
  for (const [name, value] of Object.entries(traceHeaders())) headers.set(name, value);
  // The server stops working on what nobody waits for any more.
  headers.set('x-request-timeout-ms', String(Math.max(1, Math.floor(limitMs))));
  return fetch(request.url, {
    method: request.method,
    headers,
    ...(body !== undefined && { body }),
    signal: AbortSignal.timeout(Math.max(1, limitMs)),
  });
}

/** What the server asks for with Retry-After, or else exponential backoff with jitter, so that clients do not march in step. */
function waitBefore(attempt: number, answer: Response | Error, { backoffMs }: ResilienceOptions): number {
  const asked = answer instanceof Response ? Number(answer.headers.get('retry-after') ?? NaN) : NaN;
  if (asked >= 0) return asked * 1000;
  return backoffMs * 2 ** (attempt - 2) * (1 + Math.random() / 2);
}

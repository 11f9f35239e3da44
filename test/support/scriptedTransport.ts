import type { ApiRequest, ApiResponse, Transport } from '../../src/kube/index.js';

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON; a stream stays open until it is ended or broken. */
  readonly body?: string | object | BodyStream;
}

/** Answers a request, or throws as a connection that fails does. */
export type Script = (request: ApiRequest) => Answer | Promise<Answer>;

/** The body of an answer that a test writes piece by piece. */
export class BodyStream implements AsyncIterable<Uint8Array> {
  readonly #chunks: Uint8Array[] = [];
  #end: 'open' | 'ended' | Error = 'open';
  #wake: (() => void) | undefined;
  /** Whether the reader has gone. */
  abandoned = false;

  /** Sends text, or bytes; a string is sent as it is, so a watch's line needs its newline. */
  push(chunk: string | Uint8Array): void {
    this.#chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    this.#wake?.();
  }

  /** Sends a watch event. */
  event(type: string, object: object): void {
    this.push(`${JSON.stringify({ type, object })}\n`);
  }

  /** Ends the body as a server does. */
  end(): void {
    if (this.#end === 'open') this.#end = 'ended';
    this.#wake?.();
  }

  /** Breaks the connection: what was pushed before is still read. */
  break(message = 'read ECONNRESET'): void {
    if (this.#end === 'open') this.#end = Object.assign(new Error(message), { code: 'ECONNRESET' });
    this.#wake?.();
  }

  get open(): boolean {
    return this.#end === 'open' && !this.abandoned;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = this.#chunks.shift();
        if (chunk !== undefined) yield chunk;
        else if (this.#end === 'ended') return;
        else if (this.#end !== 'open') throw this.#end;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.abandoned = true;
    }
  }
}

/** A transport whose every answer a test writes; it remembers the requests. Aborting breaks an open stream. */
export class ScriptedTransport implements Transport {
  readonly requests: ApiRequest[] = [];
  script: Script;

  constructor(script: Script) {
    this.script = script;
  }

  /** `GET /api/v1/pods`: the method and path of each request, without its query. */
  get calls(): string[] {
    return this.requests.map(({ method, path }) => `${method} ${path.split('?')[0] ?? path}`);
  }

  async send(request: ApiRequest): Promise<ApiResponse> {
    this.requests.push(request);
    request.signal?.throwIfAborted();
    const { status = 200, headers = {}, body = '' } = await this.script(request);
    return { status, headers, body: toStream(body, request.signal) };
  }
}

function toStream(body: string | object | BodyStream, signal: AbortSignal | undefined): BodyStream {
  if (body instanceof BodyStream) {
    signal?.addEventListener('abort', () => body.break('aborted'), { once: true });
    return body;
  }
  const stream = new BodyStream();
  stream.push(typeof body === 'string' ? body : JSON.stringify(body));
  stream.end();
  return stream;
}

/** Scripts in turn; the last one answers everything that follows. */
export function inTurn(...scripts: Script[]): Script {
  let next = 0;
  return (request) => {
    const script = scripts[Math.min(next++, scripts.length - 1)];
    if (script === undefined) throw new Error('no script');
    return script(request);
  };
}

/** A meta/v1 Status as a server refuses with. */
export function failure(code: number, reason: string, message = reason): Answer {
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
  return { status: code, headers: { 'content-type': 'application/json' }, body };
}

/** Whether the request opens a watch. */
export function isWatch(request: ApiRequest): boolean {
  return parameter(request, 'watch') === 'true';
}

/** A query parameter of the request. */
export function parameter(request: ApiRequest, name: string): string | null {
  return new URL(request.path, 'http://localhost').searchParams.get(name);
}

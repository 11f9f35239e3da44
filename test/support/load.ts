/** Steady load as clients make it: connections kept alive, one request after another on each. */
import { Agent, request } from 'node:http';
import { json } from 'node:stream/consumers';

export interface Load {
  /** Answers by the model's version. */
  readonly answers: ReadonlyMap<string, number>;
  /** What went wrong, in a client's words. */
  readonly failures: readonly string[];
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: { readonly model_version?: string; readonly error?: string };
}

function infer(url: string, agent: Agent, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      json(response).then(
        (answer) => resolve({ status: response.statusCode ?? 0, body: answer as Answer['body'] }),
        reject,
      );
    });
    sent.end(body);
  });
}

/** `nextBody` makes each request's body, so that inputs can be unique and no cache answers. */
export function startLoad(url: string, connections: number, nextBody: () => string): Load {
  const answers = new Map<string, number>();
  const failures: string[] = [];
  let running = true;
  const client = async (own: Agent) => {
    while (running) {
      try {
        const { status, body } = await infer(url, own, nextBody());
        if (status !== 200) failures.push(`${status}: ${JSON.stringify(body)}`);
        const version = body.model_version ?? '';
        answers.set(version, (answers.get(version) ?? 0) + 1);
      } catch (error) {
        failures.push(String(error));
      }
    }
    own.destroy();
  };
  const clients = Array.from({ length: connections }, () =>
    client(new Agent({ keepAlive: true, maxSockets: 1 })),
  );
  return {
    answers,
    failures,
    async stop() {
      running = false;
      await Promise.all(clients);
    },
  };
}

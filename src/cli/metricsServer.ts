/** The operator's port for Prometheus and the kubelet: /metrics, /healthz, /readyz. */
import { createServer, type RequestListener } from 'node:http';
import { messageOf, type MetricsRegistry, problem, ProblemError } from '../base/index.js';

export interface MetricsServerOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: MetricsRegistry;
  readonly isReady: () => boolean;
}

function answer({ metrics, isReady }: MetricsServerOptions): RequestListener {
  return (request, response) => {
    const text = (status: number, body: string, type = 'text/plain; charset=utf-8') =>
      response.writeHead(status, { 'content-type': type }).end(body);
    if (request.method !== 'GET' && request.method !== 'HEAD') text(405, 'only GET is answered here\n');
    else if (request.url === '/healthz') text(200, 'ok\n');
    else if (request.url === '/readyz') text(isReady() ? 200 : 503, isReady() ? 'ok\n' : 'not ready\n');
    else if (request.url === '/metrics') {
      metrics.metrics().then(
        (body) => text(200, body, metrics.contentType),
        (error: unknown) => text(500, `${messageOf(error)}\n`),
      );
    } else text(404, 'here are /metrics, /healthz and /readyz\n');
  };
}

/** Resolves when listening; rejects with a ProblemError when the port cannot be had. */
export function listenForMetrics(
  options: MetricsServerOptions,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, answer(options));
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new ProblemError(
          problem(
            'PortUnavailable',
            `${options.host}:${options.port}`,
            messageOf(error),
            'choose another with --metrics-port',
          ),
        ),
      ),
    );
    server.listen(options.port, options.host, () => {
      const { port } = server.address() as { port: number };
      const close = () =>
        new Promise<void>((closed) => {
          server.close(() => closed());
          server.closeAllConnections();
        });
      resolve({ port, close });
    });
  });
}

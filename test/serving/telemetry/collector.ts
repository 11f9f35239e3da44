/** An OpenTelemetry collector of the test's own: OTLP over HTTP with JSON, on a real socket. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

type Value = { readonly stringValue?: string; readonly intValue?: number; readonly doubleValue?: number };

interface Attribute {
  readonly key: string;
  readonly value: Value;
}

interface RawSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code?: number };
}

interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly RawSpan[] }[];
  }[];
}

export interface CollectedSpan extends Omit<RawSpan, 'attributes' | 'status'> {
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  readonly failed: boolean;
  readonly resource: Readonly<Record<string, string | number | undefined>>;
}

export interface Collector {
  /** What OTEL_EXPORTER_OTLP_ENDPOINT names. */
  readonly endpoint: string;
  readonly spans: readonly CollectedSpan[];
  readonly requests: readonly Pick<IncomingMessage, 'url' | 'headers'>[];
  close(): Promise<void>;
}

const ERROR = 2;

export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const requests: Pick<IncomingMessage, 'url' | 'headers'>[] = [];
  const server = createServer((request, response) => {
    requests.push({ url: request.url, headers: request.headers });
    void buffer(request).then((body) => {
      const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      spans.push(...spansIn(JSON.parse(plain.toString()) as ExportRequest));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    requests,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function spansIn({ resourceSpans }: ExportRequest): readonly CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ attributes, status, ...span }) => ({
        ...span,
        attributes: record(attributes),
        failed: status.code === ERROR,
        resource: record(resource.attributes),
      })),
    ),
  );
}

function record(attributes: readonly Attribute[]): Record<string, string | number | undefined> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? value.doubleValue]),
  );
}

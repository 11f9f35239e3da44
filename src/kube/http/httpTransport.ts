import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type Clock, digestOfBytes, messageOf, problem, ProblemError } from '../../base/index.js';
import type { ApiRequest, ApiResponse, Transport } from '../transport.js';
import type { Access, TlsMaterial } from './access.js';
import { type InCluster, inClusterAccess, kubeconfigAccess, type KubeconfigFile } from './accessSources.js';

/** Silence after which the kernel asks whether the other side is there; a dead watch is noticed within a minute. */
const TCP_KEEP_ALIVE_MS = 30_000;
const MAX_IDLE_SOCKETS = 16;

export interface HttpTransportOptions {
  /** A kubeconfig file, or the service account of the pod this runs in. */
  readonly access: { readonly kubeconfig: KubeconfigFile } | { readonly inCluster: InCluster };
  readonly clock: Clock;
}

export interface HttpTransport extends Transport {
  readonly server: URL;
  /** Closes the connections, those under way too. */
  close(): void;
}

/**
 * HTTP/1.1 over TLS with connections kept alive. Tokens and certificates that change on disk are taken up within a minute,
 * and at once when the server answers 401. Rejects with a ProblemError when the access cannot be read.
 */
export async function httpTransport({ access, clock }: HttpTransportOptions): Promise<HttpTransport> {
  const source =
    'inCluster' in access
      ? inClusterAccess(access.inCluster, clock)
      : await kubeconfigAccess(access.kubeconfig, clock);
  const { server } = await source.current();
  const agents = createAgents();

  const sendAs = (current: Access, request: ApiRequest) =>
    exchange(current, current.agent ?? agents.forAccess(current), request);

  return {
    server,
    close: () => agents.close(),
    async send(request) {
      const current = await source.current();
      const response = await sendAs(current, request);
      if (response.status !== 401) return response;
      source.invalidate();
      const renewed = await source.current();
      if (isSameAccess(current, renewed)) return response;
      await drain(response);
      return sendAs(renewed, request);
    },
  };
}

interface Agents {
  forAccess(access: Access): HttpAgent;
  close(): void;
}

/** One agent at a time: when the certificates change, connections made with the old ones end with their requests. */
function createAgents(): Agents {
  let current: { readonly access: Access; readonly identity: string; readonly agent: HttpAgent } | undefined;
  const retired = new Set<HttpAgent>();
  const retire = (agent: HttpAgent) => {
    agent.maxFreeSockets = 0;
    for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
    retired.add(agent);
    for (const old of retired) if (Object.keys(old.sockets).length === 0) retired.delete(old);
  };
  return {
    forAccess(access) {
      if (current?.access === access) return current.agent;
      const { server, tls } = access;
      const identity = tlsIdentity(server, tls);
      if (current?.identity === identity) return current.agent;
      if (current !== undefined) retire(current.agent);
      const options = { keepAlive: true, maxFreeSockets: MAX_IDLE_SOCKETS, scheduling: 'lifo' as const };
      const agent =
        server.protocol === 'http:'
          ? new HttpAgent(options)
          : new HttpsAgent({ ...options, ...defined(tls) });
      current = { access, identity, agent };
      return agent;
    },
    close() {
      current?.agent.destroy();
      for (const old of retired) old.destroy();
    },
  };
}

function tlsIdentity(server: URL, tls: TlsMaterial): string {
  const parts = [server.origin, tls.servername, tls.rejectUnauthorized, tls.ca, tls.cert, tls.key];
  return digestOfBytes(parts.map((part) => digestOfBytes(String(part ?? ''))).join());
}

function defined(tls: TlsMaterial): TlsMaterial {
  return Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
}

function isSameAccess(a: Access, b: Access): boolean {
  return (
    JSON.stringify(a.headers) === JSON.stringify(b.headers) &&
    tlsIdentity(a.server, a.tls) === tlsIdentity(b.server, b.tls)
  );
}

/** Frees the connection of an answer that nobody wants. */
async function drain(response: ApiResponse): Promise<void> {
  for await (const chunk of response.body) void chunk;
}

async function exchange(access: Access, agent: HttpAgent, request: ApiRequest): Promise<ApiResponse> {
  const first = await attempt(access, agent, request);
  if (!(first instanceof StaleConnection)) return first;
  // The server closed an idle connection just when it was used again: the request never reached it.
  const second = await attempt(access, agent, request);
  if (!(second instanceof StaleConnection)) return second;
  throw unreachable(access.server, second.cause);
}

class StaleConnection {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause;
  }
}

function attempt(
  access: Access,
  agent: HttpAgent,
  request: ApiRequest,
): Promise<ApiResponse | StaleConnection> {
  return new Promise((resolve, reject) => {
    const { server } = access;
    const send = server.protocol === 'http:' ? httpRequest : httpsRequest;
    const body = request.body ?? '';
    const headers: Record<string, string | number> = { ...access.headers, ...request.headers };
    if (body.length > 0 || request.method !== 'GET') headers['content-length'] = Buffer.byteLength(body);
    const outgoing = send({
      agent,
      method: request.method,
      host: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port,
      path: server.pathname.replace(/\/$/, '') + request.path,
      headers,
      signal: request.signal,
    });
    outgoing.once('socket', (socket) => socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS));
    outgoing.once('response', (incoming) => resolve(toResponse(incoming)));
    outgoing.once('error', (error: NodeJS.ErrnoException) => {
      if (request.signal?.aborted === true) reject(request.signal.reason as Error);
      else if (outgoing.reusedSocket && isReset(error) && request.method !== 'POST')
        resolve(new StaleConnection(error));
      else reject(unreachable(server, error));
    });
    outgoing.end(body);
  });
}

function isReset(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ECONNRESET' || error.code === 'EPIPE';
}

function toResponse(incoming: IncomingMessage): ApiResponse {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return { status: incoming.statusCode ?? 0, headers, body: incoming as AsyncIterable<Uint8Array> };
}

function unreachable(server: URL, cause: unknown): ProblemError {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  const isTls = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code);
  const remedy = isTls
    ? 'check the certificate authority in the kubeconfig'
    : 'check that the cluster runs and that the kubeconfig names it';
  // A failed connection to several addresses has no message of its own.
  const reason = messageOf(cause) === '' ? code : messageOf(cause);
  return new ProblemError(problem('ApiServerUnreachable', server.origin, reason, remedy), { cause });
}

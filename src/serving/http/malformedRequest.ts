/** What node's parser refuses never becomes a request; the client still gets an answer in the protocol's form. */
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

const STATUS_OF_PARSER_ERROR: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Node keeps here the answer that is being written on a connection, or is to be written next. */
type ClientSocket = Socket & { readonly _httpMessage?: ServerResponse | null };

/** Handles `clientError`: answers 400, 408 or 431 after what the client asked before, and closes the connection. */
export function refuseMalformed(error: NodeJS.ErrnoException, socket: ClientSocket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const pending = socket._httpMessage ?? undefined;
  if (pending === undefined) refuse(error.code, socket);
  else if (pending.req.complete) {
    // A good request that came before gets its own answer. Node puts the next one in its place meanwhile.
    pending.once('close', () => refuseMalformed(error, socket));
  } else if (pending.headersSent) socket.destroy();
  else refuse(error.code, socket);
}

/** Says what is wrong with the HTTP of a request, by node's name for it, and closes the connection. */
export function refuse(code: string | undefined, socket: Socket): void {
  const status = STATUS_OF_PARSER_ERROR[code ?? ''] ?? 400;
  const reason = STATUS_CODES[status] ?? '';
  const body = JSON.stringify({ error: `the request is not valid HTTP: ${reason}` });
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

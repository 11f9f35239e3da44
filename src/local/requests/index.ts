import { ApiError, type ApiRequest, type Client, type Status } from '../../kube/index.js';

/**
 * A request the client has no verb for (discovery, subresources, collections): resolves with the answer's JSON, rejects
 * with an ApiError when the server refuses.
 */
export async function requestJson<T>(
  client: Client,
  method: ApiRequest['method'],
  path: string,
  body?: unknown,
): Promise<T> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await client.raw({
    method,
    path,
    headers: { accept: 'application/json', ...headers },
    ...sent,
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  if (response.status >= 200 && response.status < 300) return JSON.parse(text) as T;
  throw new ApiError(statusOf(response.status, text));
}

function statusOf(code: number, text: string): Status {
  try {
    return { code, ...(JSON.parse(text) as Status) };
  } catch {
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: text, code };
  }
}

import type { ProbeResult } from './prober.js';

/** grpc.health.v1.HealthCheckResponse.ServingStatus */
const SERVING = 1;
const METHOD = '/grpc.health.v1.Health/Check';

/** Asks a server's gRPC health service; the two messages are small enough to be written by hand. */
export async function checkGrpcHealth(
  address: string,
  service: string,
  deadline: { readonly now: number; readonly timeoutMs: number },
): Promise<ProbeResult> {
  const { Client, credentials } = await import('./grpcClient.js');
  const client = new Client(address, credentials.createInsecure());
  try {
    return await new Promise<ProbeResult>((resolve) => {
      const options = { deadline: deadline.now + deadline.timeoutMs };
      client.makeUnaryRequest(METHOD, encodeRequest, decodeStatus, service, options, (error, status) => {
        if (error !== null) resolve({ ok: false, message: `service unhealthy: ${error.details}` });
        else if (status === SERVING) resolve({ ok: true, message: '' });
        else resolve({ ok: false, message: `service unhealthy (responded with "${status ?? 0}")` });
      });
    });
  } finally {
    client.close();
  }
}

/** HealthCheckRequest { string service = 1 } */
function encodeRequest(service: string): Buffer {
  const text = Buffer.from(service);
  if (text.length === 0) return Buffer.alloc(0);
  return Buffer.concat([Buffer.from([0x0a, text.length]), text]);
}

/** HealthCheckResponse { ServingStatus status = 1 } */
function decodeStatus(bytes: Buffer): number {
  return bytes[0] === 0x08 ? (bytes[1] ?? 0) : 0;
}

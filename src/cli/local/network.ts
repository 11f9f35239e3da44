/**
 * Loopback addresses of a cluster. Pods and Services each have an address of their own out of 127.0.0.0/8, so two
 * clusters on one machine need two blocks: block N has pods at 127.(64+N).0.0/16 and Services at 127.(128+N).0.0/16.
 */
import { createServer, type Server } from 'node:net';
import { problem, ProblemError } from '../../base/index.js';

const BLOCKS = 64;

export interface AddressBlock {
  readonly number: number;
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** Gives the block back; the kernel does it too when the process dies. */
  release(): void;
}

/** Whoever listens here holds the block: no file to go stale, and no race. */
function claim(block: number): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen({ host: `127.${64 + block}.255.254`, port: 6443, exclusive: true }, () =>
      resolve(server.unref()),
    );
  });
}

/**
 * Claims `wanted` (the block a cluster had before), or for a new cluster the first that is free from `start` on.
 * Throws a ProblemError when it cannot be had: the addresses of existing Services lie in it.
 */
export async function claimAddressBlock(wanted: number | undefined, start: number): Promise<AddressBlock> {
  const candidates =
    wanted !== undefined ? [wanted] : Array.from({ length: BLOCKS }, (_, step) => (start + step) % BLOCKS);
  for (const number of candidates) {
    const server = await claim(number);
    if (server !== undefined) {
      return {
        number,
        podCidr: `127.${64 + number}.0.0/16`,
        serviceCidr: `127.${128 + number}.0.0/16`,
        release: () => void server.close(),
      };
    }
  }
  throw new ProblemError(
    problem(
      'AddressesTaken',
      wanted === undefined ? '127.64.0.0/10' : `127.${64 + wanted}.0.0/16`,
      'another local cluster has these addresses',
      'stop it first, or start a new cluster with --home',
    ),
  );
}

/**
 * Gives every pod a loopback address of its own out of an IPv4 range such as `127.64.0.0/12`, so that all of them can
 * listen on the same port. Addresses of running pods are reserved from their status after a restart.
 */
export class AddressPool {
  private readonly first: number;
  private readonly size: number;
  private readonly byUid = new Map<string, string>();
  private readonly taken = new Set<string>();
  private next = 1;

  constructor(cidr: string) {
    const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidr);
    const bits = Number(match?.[5]);
    if (match === null || bits < 8 || bits > 30) throw new RangeError(`not an IPv4 range: ${cidr}`);
    this.size = 2 ** (32 - bits);
    const address = match.slice(1, 5).reduce((sum, part) => sum * 256 + Number(part), 0);
    this.first = Math.floor(address / this.size) * this.size;
  }

  reserve(uid: string, address: string): void {
    this.byUid.set(uid, address);
    this.taken.add(address);
  }

  /** The pod's address, a new one at its first call. An address is given out again only after all others were. */
  of(uid: string): string {
    const known = this.byUid.get(uid);
    if (known !== undefined) return known;
    for (let tried = 0; tried < this.size; tried += 1) {
      const offset = this.next;
      this.next = (this.next + 1) % this.size;
      const address = format(this.first + offset);
      if (offset === 0 || offset === this.size - 1 || this.taken.has(address)) continue;
      this.reserve(uid, address);
      return address;
    }
    throw new RangeError('every pod address is taken');
  }

  release(uid: string): void {
    const address = this.byUid.get(uid);
    if (address === undefined) return;
    this.byUid.delete(uid);
    this.taken.delete(address);
  }
}

function format(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** IP addresses and CIDR blocks. Source: k8s.io/apiserver/pkg/cel/library/{ip,cidr}.go. */
import { isIPv4, isIPv6 } from 'node:net';
import type { Environment } from '@marcbachmann/cel-js';

const IP = 'net.IP';
const CIDR = 'net.CIDR';

class Address {
  /** 4 or 6. */
  readonly family: number;
  readonly value: bigint;

  constructor(family: number, value: bigint) {
    this.family = family;
    this.value = value;
  }

  get bits(): number {
    return this.family === 4 ? 32 : 128;
  }

  /** Whether it lies in a block given as its first address and prefix length. */
  isIn(first: bigint, prefix: number): boolean {
    const shift = BigInt(this.bits - prefix);
    return this.value >> shift === first >> shift;
  }

  toString(): string {
    return this.family === 4 ? ipv4Text(this.value) : ipv6Text(this.value);
  }
}

class Block {
  readonly address: Address;
  readonly prefix: number;

  constructor(address: Address, prefix: number) {
    this.address = address;
    this.prefix = prefix;
  }

  contains(address: Address): boolean {
    return address.family === this.address.family && address.isIn(this.address.value, this.prefix);
  }

  toString(): string {
    return `${String(this.address)}/${this.prefix}`;
  }
}

function ipv4Value(text: string): bigint {
  return text.split('.').reduce((value, part) => value * 256n + BigInt(part), 0n);
}

function ipv6Value(text: string): bigint {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const dotted = tail === null ? 0n : ipv4Value(tail[2] ?? '0.0.0.0');
  const whole =
    tail === null
      ? text
      : `${tail[1] ?? ''}${(dotted >> 16n).toString(16)}:${(dotted & 0xffffn).toString(16)}`;
  const [head = '', rest] = whole.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = rest === undefined || rest === '' ? [] : rest.split(':');
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...zeros, ...right].reduce((value, part) => value * 65536n + BigInt(`0x${part}`), 0n);
}

function ipv4Text(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
}

/** The canonical text of RFC 5952. */
function ipv6Text(value: bigint): string {
  const parts = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - i * 16)) & 0xffffn).toString(16));
  const runs = Array.from(parts.join(':').matchAll(/(?:^|:)0(?::0)+(?=:|$)/g), ([run]) => run);
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest === '') return parts.join(':');
  return parts.join(':').replace(longest, '::').replace(/:{3,}/, '::');
}

/** IPv4 in IPv6 and zones are no addresses here. */
function parseIp(text: string): Address | undefined {
  if (isIPv4(text)) return new Address(4, ipv4Value(text));
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const value = ipv6Value(text);
  return value >> 32n === 0xffffn ? undefined : new Address(6, value);
}

function parseCidr(text: string): Block | undefined {
  const [, address = '', bits = ''] = /^([^/]*)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const parsed = parseIp(address);
  return parsed === undefined || Number(bits) > parsed.bits ? undefined : new Block(parsed, Number(bits));
}

function ip(text: string): Address {
  const parsed = parseIp(text);
  if (parsed === undefined)
    throw new Error(`IP Address ${JSON.stringify(text)} parse error during conversion from string`);
  return parsed;
}

function cidr(text: string): Block {
  const parsed = parseCidr(text);
  if (parsed === undefined)
    throw new Error(`network address parse error during conversion from string: ${JSON.stringify(text)}`);
  return parsed;
}

function isInAny(address: Address, blocks: readonly string[]): boolean {
  return blocks.some((block) => cidr(block).contains(address));
}

const LOOPBACK = ['127.0.0.0/8', '::1/128'];
const LINK_LOCAL_UNICAST = ['169.254.0.0/16', 'fe80::/10'];
const LINK_LOCAL_MULTICAST = ['224.0.0.0/24', 'ff02::/16'];
const MULTICAST = ['224.0.0.0/4', 'ff00::/8'];

function isGlobalUnicast(address: Address): boolean {
  const limited = address.family === 4 && address.value === 0xffffffffn;
  if (address.value === 0n || limited) return false;
  return !isInAny(address, [...LOOPBACK, ...MULTICAST, ...LINK_LOCAL_UNICAST]);
}

function masked({ address, prefix }: Block): Block {
  const shift = BigInt(address.bits - prefix);
  return new Block(new Address(address.family, (address.value >> shift) << shift), prefix);
}

class IpNamespace {}

export function registerAddresses(environment: Environment): void {
  const within = (blocks: readonly string[]) => (address: Address) => isInAny(address, blocks);
  environment
    .registerType(IP, Address)
    .registerType(CIDR, Block)
    .registerType('IpNamespace', IpNamespace)
    .registerConstant('ip', 'IpNamespace', new IpNamespace())
    .registerOperator(
      `${IP} == ${IP}`,
      (a: Address, b: Address) => a.family === b.family && a.value === b.value,
    )
    .registerOperator(`${CIDR} == ${CIDR}`, (a: Block, b: Block) => String(a) === String(b))
    .registerFunction('isIP(string): bool', (text: string) => parseIp(text) !== undefined)
    .registerFunction('isCIDR(string): bool', (text: string) => parseCidr(text) !== undefined)
    .registerFunction(`ip(string): ${IP}`, ip)
    .registerFunction(`cidr(string): ${CIDR}`, cidr)
    .registerFunction(
      'IpNamespace.isCanonical(string): bool',
      (_: unknown, text: string) => String(ip(text)) === text,
    )
    .registerFunction(`string(${IP}): string`, String)
    .registerFunction(`string(${CIDR}): string`, String)
    .registerFunction(`${IP}.family(): int`, (address: Address) => BigInt(address.family))
    .registerFunction(`${IP}.isUnspecified(): bool`, (address: Address) => address.value === 0n)
    .registerFunction(`${IP}.isLoopback(): bool`, within(LOOPBACK))
    .registerFunction(`${IP}.isLinkLocalMulticast(): bool`, within(LINK_LOCAL_MULTICAST))
    .registerFunction(`${IP}.isLinkLocalUnicast(): bool`, within(LINK_LOCAL_UNICAST))
    .registerFunction(`${IP}.isGlobalUnicast(): bool`, isGlobalUnicast)
    .registerFunction(`${CIDR}.ip(): ${IP}`, (block: Block) => block.address)
    .registerFunction(`${CIDR}.prefixLength(): int`, (block: Block) => BigInt(block.prefix))
    .registerFunction(`${CIDR}.masked(): ${CIDR}`, masked)
    .registerFunction(`${CIDR}.containsIP(${IP}): bool`, (block: Block, address: Address) =>
      block.contains(address),
    )
    .registerFunction(`${CIDR}.containsIP(string): bool`, (block: Block, text: string) =>
      block.contains(ip(text)),
    )
    .registerFunction(`${CIDR}.containsCIDR(${CIDR}): bool`, containsBlock)
    .registerFunction(`${CIDR}.containsCIDR(string): bool`, (block: Block, text: string) =>
      containsBlock(block, cidr(text)),
    );
}

function containsBlock(outer: Block, inner: Block): boolean {
  return outer.prefix <= inner.prefix && outer.contains(inner.address);
}

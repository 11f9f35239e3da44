/** Cluster addresses and node ports of Services. What is taken is read from the stored Services themselves. */
import type { Random } from '../../../base/index.js';
import type { KubeObject } from '../../../kube/index.js';
import { type FieldError, invalid } from '../status.js';
import type { Core } from './call.js';

interface ServicePort {
  nodePort?: number;
}

export interface ServiceSpec {
  type?: string;
  clusterIP?: string;
  clusterIPs?: string[];
  ports?: ServicePort[];
}

const FIRST_NODE_PORT = 30_000;
const LAST_NODE_PORT = 32_767;

function specOf(service: KubeObject): ServiceSpec {
  return service['spec'] ?? {};
}

/** Gives a service what it asks for and does not have yet, where it stands. Throws 422. */
export function allocateForService(core: Core, service: KubeObject, old?: KubeObject): void {
  const spec = specOf(service);
  if (spec.type === 'ExternalName') return;
  if (old !== undefined) keepAllocated(spec, specOf(old));
  const others = core.store
    .bucket('services')
    .list()
    .filter(({ metadata }) => metadata.uid !== (old ?? service).metadata.uid);
  allocateAddress(core, service, spec, others);
  if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') allocatePorts(core.random, spec, others);
}

/** An update that leaves out what the server had chosen keeps it. */
function keepAllocated(spec: ServiceSpec, old: ServiceSpec): void {
  if (old.type === 'ExternalName') return;
  if (spec.clusterIP === undefined || spec.clusterIP === '') {
    if (old.clusterIP !== undefined) spec.clusterIP = old.clusterIP;
    if (old.clusterIPs !== undefined && spec.clusterIPs === undefined) spec.clusterIPs = old.clusterIPs;
  }
  if (spec.type !== old.type) return;
  spec.ports?.forEach((port, index) => {
    const before = old.ports?.[index]?.nodePort;
    if (port.nodePort === undefined && before !== undefined) port.nodePort = before;
  });
}

function allocateAddress(
  core: Core,
  service: KubeObject,
  spec: ServiceSpec,
  others: readonly KubeObject[],
): void {
  const asked = spec.clusterIP ?? spec.clusterIPs?.[0] ?? '';
  if (asked === 'None') {
    spec.clusterIPs = ['None'];
    return;
  }
  const taken = new Set(others.map((other) => specOf(other).clusterIP));
  const range = parseCidr(core.serviceCidr);
  if (asked === '') {
    const address = freeAddress(range, taken, core.random);
    if (address === undefined) throw invalid({ group: '', kind: 'Service' }, service.metadata.name, [full()]);
    spec.clusterIP = address;
  } else {
    spec.clusterIP = asked;
    const problem = addressProblem(asked, range, taken, core.serviceCidr);
    if (problem !== undefined) {
      throw invalid({ group: '', kind: 'Service' }, service.metadata.name, [cannotAllocate(asked, problem)]);
    }
  }
  spec.clusterIPs = [spec.clusterIP, ...(spec.clusterIPs ?? []).slice(1)];
}

interface Range {
  readonly first: number;
  readonly size: number;
}

function toNumber(address: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address);
  if (match === null) return undefined;
  const bytes = match.slice(1).map(Number);
  if (bytes.some((byte) => byte > 255)) return undefined;
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

function parseCidr(cidr: string): Range {
  const [address = '', bits = '32'] = cidr.split('/');
  return { first: toNumber(address) ?? 0, size: 2 ** (32 - Number(bits)) };
}

/** The first free address after a random one; the network's first two and its last are not given out. */
function freeAddress(
  { first, size }: Range,
  taken: ReadonlySet<string | undefined>,
  random: Random,
): string | undefined {
  const usable = Math.max(0, size - 3);
  const start = Math.floor(random.next() * usable);
  for (let step = 0; step < usable; step++) {
    const address = toAddress(first + 2 + ((start + step) % usable));
    if (!taken.has(address)) return address;
  }
  return undefined;
}

function addressProblem(
  address: string,
  { first, size }: Range,
  taken: ReadonlySet<string | undefined>,
  cidr: string,
): string | undefined {
  const value = toNumber(address);
  // Whether it is an address at all is for validation to say.
  if (value === undefined) return undefined;
  if (value <= first || value >= first + size - 1) {
    return `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${cidr}`;
  }
  return taken.has(address) ? 'provided IP is already allocated' : undefined;
}

function cannotAllocate(address: string, problem: string): FieldError {
  const message = `Invalid value: [${JSON.stringify(address)}]: failed to allocate IP ${address}: ${problem}`;
  return { reason: 'FieldValueInvalid', field: 'spec.clusterIPs', message };
}

function full(): FieldError {
  const message = 'Internal error: failed to allocate a serviceIP: range is full';
  return { reason: 'InternalError', field: 'spec.clusterIPs', message };
}

function allocatePorts(random: Random, spec: ServiceSpec, others: readonly KubeObject[]): void {
  const taken = new Set(
    others.flatMap((other) => (specOf(other).ports ?? []).map(({ nodePort }) => nodePort)),
  );
  const size = LAST_NODE_PORT - FIRST_NODE_PORT + 1;
  for (const port of spec.ports ?? []) {
    if (port.nodePort !== undefined && port.nodePort !== 0) continue;
    const start = Math.floor(random.next() * size);
    for (let step = 0; step < size; step++) {
      const candidate = FIRST_NODE_PORT + ((start + step) % size);
      if (taken.has(candidate)) continue;
      port.nodePort = candidate;
      taken.add(candidate);
      break;
    }
  }
}

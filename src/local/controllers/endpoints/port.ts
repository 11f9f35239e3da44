import type { Container, Pod, ServicePort } from '../../objects/index.js';

/** The number a Service's port leads to in this pod: a number, or the container port of that name (podutil.FindPort). */
export function targetPort(pod: Pod, port: ServicePort): number | undefined {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'number') return target === 0 ? port.port : target;
  if (/^\d+$/.test(target)) return Number(target);
  const protocol = port.protocol ?? 'TCP';
  for (const container of [...pod.spec.containers, ...sidecars(pod)]) {
    const found = (container.ports ?? []).find(
      (candidate) => candidate.name === target && (candidate.protocol ?? 'TCP') === protocol,
    );
    if (found !== undefined) return found.containerPort;
  }
  return undefined;
}

function sidecars(pod: Pod): Container[] {
  return (pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always');
}

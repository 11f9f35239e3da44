import type { Service } from '../../objects/index.js';

/**
 * The variables of each Service of the namespace, as kubelet sets them: NAME_SERVICE_HOST, NAME_SERVICE_PORT[_PORTNAME],
 * and Docker's link variables NAME_PORT, NAME_PORT_80_TCP….
 */
export function serviceVariables(services: readonly Service[]): Map<string, string> {
  const variables = new Map<string, string>();
  const sorted = [...services].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  for (const service of sorted) addService(variables, service);
  return variables;
}

function addService(variables: Map<string, string>, service: Service): void {
  const { clusterIP, ports = [] } = service.spec;
  const first = ports[0];
  if (clusterIP === undefined || clusterIP === '' || clusterIP === 'None' || first === undefined) return;
  const prefix = variableName(service.metadata.name);
  variables.set(`${prefix}_SERVICE_HOST`, clusterIP);
  variables.set(`${prefix}_SERVICE_PORT`, String(first.port));
  for (const { name, port } of ports) {
    if (name !== undefined && name !== '') {
      variables.set(`${prefix}_SERVICE_PORT_${variableName(name)}`, String(port));
    }
  }
  for (const [index, { port, protocol = 'TCP' }] of ports.entries()) {
    const transport = protocol.toLowerCase();
    const url = `${transport}://${clusterIP}:${port}`;
    if (index === 0) variables.set(`${prefix}_PORT`, url);
    const link = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
    variables.set(link, url);
    variables.set(`${link}_PROTO`, transport);
    variables.set(`${link}_PORT`, String(port));
    variables.set(`${link}_ADDR`, clusterIP);
  }
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}

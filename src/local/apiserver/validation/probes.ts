/** Probes and lifecycle handlers of containers. Source: k8s.io/kubernetes/pkg/apis/core/validation/validation.go. */
import { forbidden, invalid, required } from '../schema/field-errors.js';
import type { FieldError } from '../status.js';
import type { Handler, Probe } from './pod-types.js';
import { nonNegative, oneOf, portNumber, portNumberOrName, present } from './values.js';

const COUNTS = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const;

export function validateProbe(
  probe: Probe | undefined,
  path: string,
  rules: { readonly successThresholdOne?: boolean } = {},
): FieldError[] {
  if (probe === undefined) return [];
  const errors = validateHandler(probe, path);
  for (const count of COUNTS) errors.push(...nonNegative(probe[count], `${path}.${count}`));
  const { successThreshold } = probe;
  if (rules.successThresholdOne === true && successThreshold !== undefined && successThreshold !== 1) {
    errors.push(invalid(`${path}.successThreshold`, successThreshold, 'must be 1'));
  }
  return errors;
}

export function validateHandler(handler: Handler, path: string): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  const errors: FieldError[] = [];
  let handlers = 0;
  const add = (name: string, found: FieldError[]) => {
    handlers++;
    errors.push(
      ...(handlers > 1 ? [forbidden(`${path}.${name}`, 'may not specify more than 1 handler type')] : found),
    );
  };
  if (exec) add('exec', (exec.command ?? []).length === 0 ? [required(`${path}.exec.command`)] : []);
  if (httpGet) add('httpGet', validateHttpGet(httpGet, `${path}.httpGet`));
  if (tcpSocket) add('tcpSocket', portNumberOrName(tcpSocket.port, `${path}.tcpSocket.port`));
  if (grpc) add('grpc', portNumber(grpc.port ?? 0, `${path}.grpc.port`));
  if (sleep) add('sleep', nonNegative(sleep.seconds, `${path}.sleep.seconds`));
  if (handlers === 0) errors.push(required(path, 'must specify a handler type'));
  return errors;
}

function validateHttpGet(action: NonNullable<Handler['httpGet']>, path: string): FieldError[] {
  return [
    ...present(action.path, `${path}.path`),
    ...portNumberOrName(action.port, `${path}.port`),
    ...oneOf(action.scheme, ['HTTP', 'HTTPS'], `${path}.scheme`),
    ...(action.httpHeaders ?? []).flatMap(({ name }, i) => present(name, `${path}.httpHeaders[${i}].name`)),
  ];
}

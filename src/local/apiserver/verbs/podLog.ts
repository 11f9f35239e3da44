import { badRequest, notFound } from '../status.js';
import { type Answer, type Call, type Core, keyOf, type PodLogOptions } from './call.js';
import { booleanParameter, integerParameter } from './listOptions.js';

interface PodSpec {
  readonly containers?: readonly { readonly name: string }[];
  readonly initContainers?: readonly { readonly name: string }[];
}

/** GET of pods/log: plain text from whoever runs the pod. Throws 400 and 404. */
export async function readLog(core: Core, call: Call): Promise<Answer> {
  const pod = core.store.bucket('pods').get(keyOf(call));
  if (pod === undefined) throw notFound(call.row, call.name);
  const container = containerOf(call, pod['spec'] ?? {});
  const options: PodLogOptions = {
    container,
    follow: booleanParameter(call.query.get('follow')),
    previous: booleanParameter(call.query.get('previous')),
    timestamps: booleanParameter(call.query.get('timestamps')),
    ...numbers(call.query),
    ...(call.query.has('sinceTime') ? { sinceTime: call.query.get('sinceTime') ?? '' } : {}),
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  };
  const body =
    core.podLogs === undefined ? nothing() : await core.podLogs(call.namespace, call.name, options);
  return { kind: 'raw', code: 200, contentType: 'text/plain', body };
}

function numbers(
  query: URLSearchParams,
): Partial<Record<'tailLines' | 'sinceSeconds' | 'limitBytes', number>> {
  const result: Partial<Record<'tailLines' | 'sinceSeconds' | 'limitBytes', number>> = {};
  for (const name of ['tailLines', 'sinceSeconds', 'limitBytes'] as const) {
    const value = integerParameter(query.get(name));
    if (value !== undefined) result[name] = value;
  }
  return result;
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // A server without a node has no logs.
}

function containerOf(call: Call, spec: PodSpec): string {
  const asked = call.query.get('container') ?? '';
  const containers = (spec.containers ?? []).map(({ name }) => name);
  const initContainers = (spec.initContainers ?? []).map(({ name }) => name);
  if (asked !== '') {
    if ([...containers, ...initContainers].includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${call.name}`);
  }
  const [only] = containers;
  if (containers.length === 1 && only !== undefined) return only;
  const init =
    initContainers.length === 0 ? '' : ` or one of the init containers: [${initContainers.join(' ')}]`;
  throw badRequest(
    `a container name must be specified for pod ${call.name}, choose one of: [${containers.join(' ')}]${init}`,
  );
}

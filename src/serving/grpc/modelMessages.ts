/** What the server tells of itself and its models, as messages of the service. */
import { type Client, mayUse } from '../auth/index.js';
import type { ModelListing, ServedModel } from '../dataplane/index.js';
import { EXTENSIONS, SERVER_NAME } from '../http/modelRoutes.js';
import { modelConfiguration, type TensorSignature } from '../protocol/index.js';

export function serverMetadata(version: string): object {
  return { name: SERVER_NAME, version, extensions: EXTENSIONS };
}

export function metadataOf({ source, signature }: ServedModel, versions: readonly string[]): object {
  return {
    name: source.name,
    versions,
    platform: 'onnxruntime_onnx',
    inputs: signature.inputs.map(tensorOf),
    outputs: signature.outputs.map(tensorOf),
  };
}

function tensorOf({ name, datatype, shape }: TensorSignature): object {
  return { name, datatype, shape };
}

export function configurationOf({ source, signature }: ServedModel): object {
  return { config: modelConfiguration(source.name, signature) };
}

export function indexOf(
  listings: readonly ModelListing[],
  readyOnly: boolean,
  client: Client | undefined,
): readonly object[] {
  return listings
    .filter(({ source, state }) => mayUse(client, source.name) && (!readyOnly || state === 'READY'))
    .map(({ source, state, reason }) => ({ name: source.name, version: source.version, state, reason }));
}

/** What the server tells of itself and its models, as messages of the service. */
import type { ServedModel } from '../dataplane/index.js';
import { EXTENSIONS, SERVER_NAME } from '../http/modelRoutes.js';
import { modelConfiguration } from '../protocol/index.js';

export function serverMetadata(version: string): object {
  return { name: SERVER_NAME, version, extensions: EXTENSIONS };
}

export function configurationOf({ source, signature }: ServedModel): object {
  return { config: modelConfiguration(source.name, signature) };
}

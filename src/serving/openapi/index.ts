export {
  type DocumentedEndpoint,
  type DocumentedModel,
  openApiDocument,
  type OpenApiOptions,
} from './document.js';
export type { SecurityScheme } from './security.js';

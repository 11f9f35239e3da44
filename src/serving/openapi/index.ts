export {
  type DocumentedEndpoint,
  type DocumentedModel,
  openApiDocument,
  type OpenApiOptions,
} from './document.js';

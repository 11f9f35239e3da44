/** What a document says when clients have to show who they are. */
import { type Operation, type Paths, withOperations } from './versionRoutes.js';

/** How a client may show who it is. */
export type SecurityScheme = 'bearer' | 'certificate';

const SCHEMES: Readonly<Record<SecurityScheme, object>> = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A token of a client.' },
  certificate: { type: 'mutualTLS', description: "A certificate of the server's authority for clients." },
};

const error = { content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } };

const RESPONSES = {
  Unauthenticated: {
    description: 'No token or certificate, or one that is not known.',
    headers: { 'WWW-Authenticate': { description: 'How to do better.', schema: { type: 'string' } } },
    ...error,
  },
  PermissionDenied: { description: 'This client may not use this model, or may not do this.', ...error },
  RateLimited: {
    description: 'This client has used up its requests for now.',
    headers: { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } },
    ...error,
  },
};

const SECURED = {
  '401': { $ref: '#/components/responses/Unauthenticated' },
  '403': { $ref: '#/components/responses/PermissionDenied' },
  '429': { $ref: '#/components/responses/RateLimited' },
};

interface Document {
  readonly paths: Paths;
  readonly components: { readonly responses: object };
}

/** `document` with the schemes, any of which will do, and the answers they bring about on every route. */
export function withSecurity<T extends Document>(
  document: T,
  schemes: readonly SecurityScheme[],
): T | object {
  if (schemes.length === 0) return document;
  const { paths, components } = document;
  return {
    ...document,
    security: schemes.map((scheme) => ({ [scheme]: [] })),
    paths: Object.fromEntries(
      Object.entries(paths).map(([path, item]) => [path, withOperations(item, securedOperation)]),
    ),
    components: {
      ...components,
      responses: { ...components.responses, ...RESPONSES },
      securitySchemes: Object.fromEntries(schemes.map((scheme) => [scheme, SCHEMES[scheme]])),
    },
  };
}

function securedOperation(operation: Operation): Operation {
  return { ...operation, responses: { ...(operation.responses as object), ...SECURED } };
}

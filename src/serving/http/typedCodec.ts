import { fail, ok } from '../../base/index.js';
import type { TypedEndpoint } from '../protocol/typed/typedEndpoint.js';
import { jsonBytes, type PredictionCodec } from './predictionCodec.js';

/**
 * The typed `POST /predict`. `endpoint` is asked at each request: it is made when the model has been loaded, since the
 * schema comes from its signature; until then it gives the reason why there is none.
 */
export function typedCodec(endpoint: () => TypedEndpoint | string): PredictionCodec {
  return {
    name: 'typed',
    decode(body) {
      const typed = endpoint();
      if (typeof typed === 'string') return fail({ code: 'NotReady', message: typed });
      const decoded = typed.decode(body);
      if (!decoded.ok) return decoded;
      const { request, batch } = decoded.value;
      return ok({ request, encode: (response) => jsonBytes(typed.encode(response, batch)) });
    },
  };
}

import { ok } from '../../base/index.js';
import { decodeV1Request } from '../protocol/v1/decodeRequest.js';
import { encodeV1Response } from '../protocol/v1/encodeResponse.js';
import { jsonBytes, type PredictionCodec } from './predictionCodec.js';

/** V1, rows or columns: `POST /v1/models/M:predict`. */
export const v1Codec: PredictionCodec = {
  name: 'v1',
  decode(body, _headers, signature) {
    const decoded = decodeV1Request(body, signature);
    if (!decoded.ok) return decoded;
    const { request, form } = decoded.value;
    return ok({ request, encode: (response) => jsonBytes(encodeV1Response(response, form)) });
  },
};

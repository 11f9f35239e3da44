import { ok } from '../../base/index.js';
import { decodeInferRequest } from '../protocol/v2/decodeRequest.js';
import { encodeInferResponse } from '../protocol/v2/encodeResponse.js';
import type { PredictionCodec } from './predictionCodec.js';

const HEADER_LENGTH = 'inference-header-content-length';

/** V2 with binary tensors: `POST /v2/models/M[/versions/V]/infer`. */
export const v2Codec: PredictionCodec = {
  name: 'v2',
  decode(body, headers, signature) {
    const headerLength = headers[HEADER_LENGTH];
    const decoded = decodeInferRequest(body, signature, {
      headerLength: typeof headerLength === 'string' ? headerLength : undefined,
    });
    if (!decoded.ok) return decoded;
    const request = decoded.value;
    return ok({
      request,
      encode(response) {
        const encoded = encodeInferResponse(response, request);
        if (!encoded.ok) return encoded;
        const { chunks, contentType, headerLength: jsonBytes } = encoded.value;
        const headers =
          jsonBytes === undefined ? NO_HEADERS : ['Inference-Header-Content-Length', String(jsonBytes)];
        return ok({ contentType, body: chunks, headers });
      },
    });
  },
};

const NO_HEADERS: readonly string[] = [];

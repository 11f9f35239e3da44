import { errorBody, grpcStatus, httpStatus } from '../../../src/serving/protocol/status.js';
import type { InferenceErrorCode } from '../../../src/serving/protocol/inference.js';

describe('statuses', () => {
  test.each<readonly [InferenceErrorCode, number, number]>([
    ['InvalidArgument', 400, 3],
    ['Unauthenticated', 401, 16],
    ['PermissionDenied', 403, 7],
    ['ModelNotFound', 404, 5],
    ['VersionNotFound', 404, 5],
    ['PayloadTooLarge', 413, 8],
    ['UnsupportedEncoding', 415, 12],
    ['RateLimited', 429, 8],
    ['ModelFailed', 500, 13],
    ['NotReady', 503, 14],
    ['QueueFull', 503, 8],
    ['DeadlineExceeded', 504, 4],
    ['Cancelled', 499, 1],
  ])('%s is %d over HTTP and %d over gRPC', (code, http, grpc) => {
    expect([httpStatus(code), grpcStatus(code)]).toEqual([http, grpc]);
  });

  test('the body names the place first', () => {
    expect(errorBody({ code: 'InvalidArgument', message: 'is wrong', place: 'inputs[0]' })).toEqual({
      error: 'inputs[0]: is wrong',
    });
    expect(errorBody({ code: 'QueueFull', message: 'is full' })).toEqual({ error: 'is full' });
  });
});

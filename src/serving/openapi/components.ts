/**
 * Schemas and answers that the routes share. scripts/generate-openapi.js reads these comments with swagger-jsdoc and
 * writes routes.generated.json; nothing here runs.
 *
 * @openapi
 * components:
 *   parameters:
 *     Model:
 *       name: model
 *       in: path
 *       required: true
 *       description: Name of a served model.
 *       schema: { type: string }
 *     Version:
 *       name: version
 *       in: path
 *       required: true
 *       description: A version of the model that is served; an unknown one is an error, never the newest.
 *       schema: { type: string }
 *     Timeout:
 *       name: X-Request-Timeout-Ms
 *       in: header
 *       description: The client's own limit in milliseconds, after which it gets 504; the server's limit holds too.
 *       schema: { type: number, exclusiveMinimum: 0 }
 *     CacheControl:
 *       name: Cache-Control
 *       in: header
 *       description: "`no-cache` computes afresh, `no-store` also leaves nothing behind, `max-age=S` takes no older answer."
 *       schema: { type: string }
 *     HeaderLength:
 *       name: Inference-Header-Content-Length
 *       in: header
 *       description: Bytes of the JSON in front of binary tensors, before compression. 0 for one raw tensor.
 *       schema: { type: integer, minimum: 0 }
 *   headers:
 *     RequestId:
 *       description: The request's X-Request-Id, or one made for it.
 *       schema: { type: string }
 *     CacheStatus:
 *       description: What the cache did (RFC 9211).
 *       schema: { type: string, examples: ["gantry; hit; ttl=42; detail=memory"] }
 *     Age:
 *       description: Seconds since a cached answer was computed.
 *       schema: { type: integer, minimum: 0 }
 *     RetryAfter:
 *       description: Seconds after which to try again.
 *       schema: { type: integer, minimum: 1 }
 *   responses:
 *     BadRequest:
 *       description: The request is malformed, or not one for this model; the error names the place.
 *       content: { application/json: { schema: { $ref: "#/components/schemas/Error" } } }
 *     NotFound:
 *       description: There is no such model, version or path.
 *       content: { application/json: { schema: { $ref: "#/components/schemas/Error" } } }
 *     MethodNotAllowed:
 *       description: The path has no such method; Allow lists those it has.
 *       content: { application/json: { schema: { $ref: "#/components/schemas/Error" } } }
 *     PayloadTooLarge:
 *       description: The body is larger than the server takes, as sent or once it is decompressed.
 *       content: { application/json: { schema: { $ref: "#/components/schemas/Error" } } }
 *     UnsupportedMediaType:
 *       description: The Content-Encoding is none of gzip, deflate and identity.
 *       content: { application/json: { schema: { $ref: "#/components/schemas/Error" } } }
 *     ServerError:
 *       description: The model failed to run, or the server has a fault.
 *       content: { application/json: { schema: { $ref: "#/components/schemas/Error" } } }
 *     Unavailable:
 *       description: The model is not ready, or too much is waiting.
 *       headers: { Retry-After: { $ref: "#/components/headers/RetryAfter" } }
 *       content: { application/json: { schema: { $ref: "#/components/schemas/Error" } } }
 *     DeadlineExceeded:
 *       description: The time limit passed before there was an answer.
 *       content: { application/json: { schema: { $ref: "#/components/schemas/Error" } } }
 *   schemas:
 *     Error:
 *       type: object
 *       required: [error]
 *       properties:
 *         error: { type: string, description: "One sentence, the place first.", examples: ["inputs[0].shape: the shape of \"x\" is [-1,16], not [1,15]"] }
 *     Datatype:
 *       type: string
 *       enum: [BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, BF16, FP32, FP64, BYTES]
 *     Parameters:
 *       type: object
 *       additionalProperties: { type: [string, number, boolean] }
 *     InferInput:
 *       type: object
 *       required: [name, datatype, shape]
 *       properties:
 *         name: { type: string }
 *         datatype: { $ref: "#/components/schemas/Datatype" }
 *         shape: { type: array, maxItems: 32, items: { type: integer, minimum: 0 } }
 *         data: { type: array, description: "Row-major, nested as the shape says or flat. Left out when parameters.binary_data_size is given." }
 *         parameters: { $ref: "#/components/schemas/Parameters" }
 *     InferRequest:
 *       type: object
 *       required: [inputs]
 *       properties:
 *         id: { type: string, description: Comes back with the answer. }
 *         inputs: { type: array, items: { $ref: "#/components/schemas/InferInput" } }
 *         outputs:
 *           type: array
 *           description: Which outputs to answer with, in this order; none named means all.
 *           items:
 *             type: object
 *             required: [name]
 *             properties:
 *               name: { type: string }
 *               parameters: { $ref: "#/components/schemas/Parameters" }
 *         parameters: { $ref: "#/components/schemas/Parameters" }
 *     InferResponse:
 *       type: object
 *       required: [model_name, model_version, outputs]
 *       properties:
 *         id: { type: string }
 *         model_name: { type: string }
 *         model_version: { type: string }
 *         outputs:
 *           type: array
 *           items:
 *             type: object
 *             required: [name, datatype, shape]
 *             properties:
 *               name: { type: string }
 *               datatype: { $ref: "#/components/schemas/Datatype" }
 *               shape: { type: array, items: { type: integer, minimum: 0 } }
 *               data: { type: array }
 *               parameters: { $ref: "#/components/schemas/Parameters" }
 *     TensorMetadata:
 *       type: object
 *       required: [name, datatype, shape]
 *       properties:
 *         name: { type: string }
 *         datatype: { $ref: "#/components/schemas/Datatype" }
 *         shape: { type: array, description: "-1 for a dimension of any size.", items: { type: integer, minimum: -1 } }
 *     RepositoryIndex:
 *       type: array
 *       items:
 *         type: object
 *         required: [name, version, state]
 *         properties:
 *           name: { type: string }
 *           version: { type: string }
 *           state: { type: string, examples: [READY] }
 *           reason: { type: string }
 *     Purged:
 *       type: object
 *       required: [name, purged, redis]
 *       properties:
 *         name: { type: string }
 *         purged:
 *           type: array
 *           items:
 *             type: object
 *             required: [version, memory_entries]
 *             properties:
 *               version: { type: string }
 *               memory_entries: { type: integer, minimum: 0, description: Entries dropped in the processes of this pod. }
 *               redis_entries: { type: integer, minimum: 0, description: Entries removed from Redis. Left out where they were not all counted. }
 *         redis: { type: string, enum: [none, purged, pending], description: "none: there is no Redis, and other pods keep what they have. pending: it does not answer, and is told when it does." }
 */
export {};

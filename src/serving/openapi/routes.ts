/**
 * The routes, as their documentation. scripts/generate-openapi.js reads these comments with swagger-jsdoc and writes
 * routes.generated.json; nothing here runs. Each route of a model is there for one version of it too, which
 * versionRoutes.ts adds.
 */

/**
 * @openapi
 * /predict:
 *   post:
 *     tags: [Typed]
 *     operationId: predict
 *     summary: Predict from named features
 *     description: One row as `features`, several as `instances`. Every error names the field.
 *     parameters: [{ $ref: "#/components/parameters/Timeout" }, { $ref: "#/components/parameters/CacheControl" }]
 *     requestBody:
 *       required: true
 *       content: { application/json: { schema: { $ref: "#/components/schemas/PredictRequest" } } }
 *     responses:
 *       "200":
 *         description: The prediction.
 *         headers: { X-Request-Id: { $ref: "#/components/headers/RequestId" }, Cache-Status: { $ref: "#/components/headers/CacheStatus" }, Age: { $ref: "#/components/headers/Age" } }
 *         content: { application/json: { schema: { $ref: "#/components/schemas/PredictResponse" } } }
 *       "400": { $ref: "#/components/responses/BadRequest" }
 *       "404": { $ref: "#/components/responses/NotFound" }
 *       "405": { $ref: "#/components/responses/MethodNotAllowed" }
 *       "413": { $ref: "#/components/responses/PayloadTooLarge" }
 *       "415": { $ref: "#/components/responses/UnsupportedMediaType" }
 *       "500": { $ref: "#/components/responses/ServerError" }
 *       "503": { $ref: "#/components/responses/Unavailable" }
 *       "504": { $ref: "#/components/responses/DeadlineExceeded" }
 */

/**
 * @openapi
 * /v2/models/{model}/infer:
 *   parameters: [{ $ref: "#/components/parameters/Model" }]
 *   post:
 *     tags: [V2]
 *     operationId: infer
 *     summary: Infer with a model
 *     description: Open Inference Protocol V2, with the binary tensor extension.
 *     parameters: [{ $ref: "#/components/parameters/HeaderLength" }, { $ref: "#/components/parameters/Timeout" }, { $ref: "#/components/parameters/CacheControl" }]
 *     requestBody:
 *       required: true
 *       content:
 *         application/json: { schema: { $ref: "#/components/schemas/InferRequest" } }
 *         application/octet-stream: { schema: { description: "JSON and the binary tensors behind it, or one raw tensor." } }
 *     responses:
 *       "200":
 *         description: The outputs.
 *         headers: { X-Request-Id: { $ref: "#/components/headers/RequestId" }, Cache-Status: { $ref: "#/components/headers/CacheStatus" }, Age: { $ref: "#/components/headers/Age" }, Inference-Header-Content-Length: { description: "Bytes of the JSON, when binary tensors follow it.", schema: { type: integer } } }
 *         content:
 *           application/json: { schema: { $ref: "#/components/schemas/InferResponse" } }
 *           application/octet-stream: { schema: { description: JSON and the binary tensors behind it. } }
 *       "400": { $ref: "#/components/responses/BadRequest" }
 *       "404": { $ref: "#/components/responses/NotFound" }
 *       "405": { $ref: "#/components/responses/MethodNotAllowed" }
 *       "413": { $ref: "#/components/responses/PayloadTooLarge" }
 *       "415": { $ref: "#/components/responses/UnsupportedMediaType" }
 *       "500": { $ref: "#/components/responses/ServerError" }
 *       "503": { $ref: "#/components/responses/Unavailable" }
 *       "504": { $ref: "#/components/responses/DeadlineExceeded" }
 */

/**
 * @openapi
 * /v2:
 *   get:
 *     tags: [V2]
 *     operationId: serverMetadata
 *     summary: The server and its extensions
 *     responses:
 *       "200":
 *         description: The server's metadata.
 *         content: { application/json: { schema: { type: object, required: [name, version, extensions], properties: { name: { type: string }, version: { type: string }, extensions: { type: array, items: { type: string } } } } } }
 *       "405": { $ref: "#/components/responses/MethodNotAllowed" }
 *       "500": { $ref: "#/components/responses/ServerError" }
 * /v2/health/live:
 *   get:
 *     tags: [V2]
 *     operationId: serverLive
 *     summary: Whether the process answers
 *     responses:
 *       "200":
 *         description: It does.
 *         content: { application/json: { schema: { type: object, required: [live], properties: { live: { type: boolean } } } } }
 *       "405": { $ref: "#/components/responses/MethodNotAllowed" }
 *       "500": { $ref: "#/components/responses/ServerError" }
 * /v2/health/ready:
 *   get:
 *     tags: [V2]
 *     operationId: serverReady
 *     summary: Whether every model is ready
 *     responses:
 *       "200":
 *         description: It is.
 *         content: { application/json: { schema: { type: object, required: [ready], properties: { ready: { type: boolean } } } } }
 *       "405": { $ref: "#/components/responses/MethodNotAllowed" }
 *       "500": { $ref: "#/components/responses/ServerError" }
 *       "503": { $ref: "#/components/responses/Unavailable" }
 * /v2/repository/index:
 *   get:
 *     tags: [V2]
 *     operationId: repositoryIndex
 *     summary: Every model and version, and what state it is in
 *     responses:
 *       "200":
 *         description: The models.
 *         content: { application/json: { schema: { $ref: "#/components/schemas/RepositoryIndex" } } }
 *       "405": { $ref: "#/components/responses/MethodNotAllowed" }
 *       "500": { $ref: "#/components/responses/ServerError" }
 *   post:
 *     tags: [V2]
 *     operationId: repositoryIndexPost
 *     summary: The same, with the method of Triton's clients
 *     requestBody:
 *       content: { application/json: { schema: { type: object, properties: { ready: { type: boolean, description: Only models that are ready. } } } } }
 *     responses:
 *       "200":
 *         description: The models.
 *         content: { application/json: { schema: { $ref: "#/components/schemas/RepositoryIndex" } } }
 *       "400": { $ref: "#/components/responses/BadRequest" }
 *       "405": { $ref: "#/components/responses/MethodNotAllowed" }
 *       "413": { $ref: "#/components/responses/PayloadTooLarge" }
 *       "415": { $ref: "#/components/responses/UnsupportedMediaType" }
 *       "500": { $ref: "#/components/responses/ServerError" }
 * /v2/repository/models/{model}/load:
 *   parameters: [{ name: model, in: path, required: true, description: "Name of the model in the repository.", schema: { type: string } }]
 *   post:
 *     tags: [V2]
 *     operationId: loadModel
 *     summary: Load a model from the repository, or load it again
 *     description: "Triton's model repository extension. Only with --model-control-mode explicit: 503 otherwise."
 *     requestBody:
 *       content: { application/json: { schema: { type: object, properties: { parameters: { type: object } } } } }
 *     responses:
 *       "200":
 *         description: It is done, in every process of the server.
 *         content: { application/json: { schema: { type: object } } }
 *       "400": { $ref: "#/components/responses/BadRequest" }
 *       "404": { $ref: "#/components/responses/NotFound" }
 *       "405": { $ref: "#/components/responses/MethodNotAllowed" }
 *       "413": { $ref: "#/components/responses/PayloadTooLarge" }
 *       "415": { $ref: "#/components/responses/UnsupportedMediaType" }
 *       "500": { $ref: "#/components/responses/ServerError" }
 *       "503": { $ref: "#/components/responses/Unavailable" }
 * /v2/repository/models/{model}/unload:
 *   parameters: [{ name: model, in: path, required: true, description: "Name of the model in the repository.", schema: { type: string } }]
 *   post:
 *     tags: [V2]
 *     operationId: unloadModel
 *     summary: Unload a model
 *     description: "Answers when its last request is answered and its memory is free. Only with --model-control-mode explicit: 503 otherwise."
 *     requestBody:
 *       content: { application/json: { schema: { type: object, properties: { parameters: { type: object, properties: { unload_dependents: { type: boolean } } } } } } }
 *     responses:
 *       "200":
 *         description: It is done, in every process of the server.
 *         content: { application/json: { schema: { type: object } } }
 *       "400": { $ref: "#/components/responses/BadRequest" }
 *       "404": { $ref: "#/components/responses/NotFound" }
 *       "405": { $ref: "#/components/responses/MethodNotAllowed" }
 *       "413": { $ref: "#/components/responses/PayloadTooLarge" }
 *       "415": { $ref: "#/components/responses/UnsupportedMediaType" }
 *       "500": { $ref: "#/components/responses/ServerError" }
 *       "503": { $ref: "#/components/responses/Unavailable" }
 */

/**
 * @openapi
 * /v2/models/{model}:
 *   parameters: [{ $ref: "#/components/parameters/Model" }]
 *   get:
 *     tags: [V2]
 *     operationId: modelMetadata
 *     summary: A model's inputs, outputs and versions
 *     responses:
 *       "200":
 *         description: The model's metadata.
 *         content:
 *           application/json:
 *             schema:
 *               type: object
 *               required: [name, versions, platform, inputs, outputs]
 *               properties:
 *                 name: { type: string }
 *                 versions: { type: array, items: { type: string } }
 *                 platform: { type: string }
 *                 inputs: { type: array, items: { $ref: "#/components/schemas/TensorMetadata" } }
 *                 outputs: { type: array, items: { $ref: "#/components/schemas/TensorMetadata" } }
 *       "400": { $ref: "#/components/responses/BadRequest" }
 *       "404": { $ref: "#/components/responses/NotFound" }
 *       "405": { $ref: "#/components/responses/MethodNotAllowed" }
 *       "500": { $ref: "#/components/responses/ServerError" }
 *       "503": { $ref: "#/components/responses/Unavailable" }
 * /v2/models/{model}/ready:
 *   parameters: [{ $ref: "#/components/parameters/Model" }]
 *   get:
 *     tags: [V2]
 *     operationId: modelReady
 *     summary: Whether a model is ready
 *     responses:
 *       "200":
 *         description: It is.
 *         content: { application/json: { schema: { type: object, required: [ready], properties: { name: { type: string }, version: { type: string }, ready: { type: boolean } } } } }
 *       "400": { $ref: "#/components/responses/BadRequest" }
 *       "404": { $ref: "#/components/responses/NotFound" }
 *       "405": { $ref: "#/components/responses/MethodNotAllowed" }
 *       "500": { $ref: "#/components/responses/ServerError" }
 *       "503": { $ref: "#/components/responses/Unavailable" }
 * /v2/models/{model}/config:
 *   parameters: [{ $ref: "#/components/parameters/Model" }]
 *   get:
 *     tags: [V2]
 *     operationId: modelConfiguration
 *     summary: The configuration of a model
 *     responses:
 *       "200":
 *         description: Inputs and outputs, as Triton's model configuration extension has them.
 *         content: { application/json: { schema: { type: object, required: [name, platform, backend, max_batch_size, input, output], properties: { name: { type: string }, platform: { type: string }, backend: { type: string }, max_batch_size: { type: integer }, input: { type: array, items: { type: object } }, output: { type: array, items: { type: object } } } } } }
 *       "400": { $ref: "#/components/responses/BadRequest" }
 *       "404": { $ref: "#/components/responses/NotFound" }
 *       "405": { $ref: "#/components/responses/MethodNotAllowed" }
 *       "500": { $ref: "#/components/responses/ServerError" }
 *       "503": { $ref: "#/components/responses/Unavailable" }
 * /v2/models/stats:
 *   get:
 *     tags: [V2]
 *     operationId: allStatistics
 *     summary: What every model did so far
 *     responses:
 *       "200":
 *         description: An entry for each version that is served, as Triton's statistics extension has them.
 *         content: { application/json: { schema: { type: object, required: [model_stats], properties: { model_stats: { type: array, items: { type: object } } } } } }
 *       "405": { $ref: "#/components/responses/MethodNotAllowed" }
 *       "500": { $ref: "#/components/responses/ServerError" }
 * /v2/models/{model}/stats:
 *   parameters: [{ $ref: "#/components/parameters/Model" }]
 *   get:
 *     tags: [V2]
 *     operationId: modelStatistics
 *     summary: What a model did so far
 *     responses:
 *       "200":
 *         description: Counts and durations in nanoseconds, as Triton's statistics extension has them.
 *         content: { application/json: { schema: { type: object, required: [model_stats], properties: { model_stats: { type: array, items: { type: object } } } } } }
 *       "400": { $ref: "#/components/responses/BadRequest" }
 *       "404": { $ref: "#/components/responses/NotFound" }
 *       "405": { $ref: "#/components/responses/MethodNotAllowed" }
 *       "500": { $ref: "#/components/responses/ServerError" }
 *       "503": { $ref: "#/components/responses/Unavailable" }
 */

/**
 * @openapi
 * /v2/models/{model}/cache:
 *   parameters: [{ $ref: "#/components/parameters/Model" }]
 *   delete:
 *     tags: [V2]
 *     operationId: purgeCache
 *     summary: Forget the predictions of a model
 *     description: Drops what the cache holds, in this pod at once and in the others through Redis. Clients need the right `purge-cache`.
 *     responses:
 *       "200":
 *         description: Purged.
 *         content: { application/json: { schema: { $ref: "#/components/schemas/Purged" } } }
 *       "202":
 *         description: Purged in this pod; Redis does not answer, and is told when it does.
 *         content: { application/json: { schema: { $ref: "#/components/schemas/Purged" } } }
 *       "400": { $ref: "#/components/responses/BadRequest" }
 *       "404": { $ref: "#/components/responses/NotFound" }
 *       "405": { $ref: "#/components/responses/MethodNotAllowed" }
 *       "409": { description: The cache is turned off., content: { application/json: { schema: { $ref: "#/components/schemas/Error" } } } }
 *       "500": { $ref: "#/components/responses/ServerError" }
 */

/**
 * @openapi
 * /v1/models:
 *   get:
 *     tags: [V1]
 *     operationId: v1Models
 *     summary: The names of the models
 *     responses:
 *       "200":
 *         description: The names.
 *         content: { application/json: { schema: { type: object, required: [models], properties: { models: { type: array, items: { type: string } } } } } }
 *       "405": { $ref: "#/components/responses/MethodNotAllowed" }
 *       "500": { $ref: "#/components/responses/ServerError" }
 * /v1/models/{model}:
 *   parameters: [{ $ref: "#/components/parameters/Model" }]
 *   get:
 *     tags: [V1]
 *     operationId: v1ModelReady
 *     summary: Whether a model is ready
 *     responses:
 *       "200":
 *         description: It is.
 *         content: { application/json: { schema: { type: object, required: [name, ready], properties: { name: { type: string }, ready: { type: boolean } } } } }
 *       "400": { $ref: "#/components/responses/BadRequest" }
 *       "404": { $ref: "#/components/responses/NotFound" }
 *       "405": { $ref: "#/components/responses/MethodNotAllowed" }
 *       "500": { $ref: "#/components/responses/ServerError" }
 *       "503": { $ref: "#/components/responses/Unavailable" }
 * /v1/models/{model}:predict:
 *   parameters: [{ $ref: "#/components/parameters/Model" }]
 *   post:
 *     tags: [V1]
 *     operationId: v1Predict
 *     summary: Predict rows or columns
 *     description: KServe V1. Exactly one of `instances` (rows) and `inputs` (columns).
 *     parameters: [{ $ref: "#/components/parameters/Timeout" }, { $ref: "#/components/parameters/CacheControl" }]
 *     requestBody:
 *       required: true
 *       content:
 *         application/json:
 *           schema:
 *             type: object
 *             properties:
 *               instances: { type: array, description: "One element a row; an object with each input where there are several." }
 *               inputs: { description: "The input's nested array, or an object with each input's." }
 *             oneOf: [{ required: [instances] }, { required: [inputs] }]
 *     responses:
 *       "200":
 *         description: "`predictions` for rows, `outputs` for columns."
 *         headers: { X-Request-Id: { $ref: "#/components/headers/RequestId" }, Cache-Status: { $ref: "#/components/headers/CacheStatus" }, Age: { $ref: "#/components/headers/Age" } }
 *         content: { application/json: { schema: { type: object, properties: { predictions: { type: array }, outputs: {} }, oneOf: [{ required: [predictions] }, { required: [outputs] }] } } }
 *       "400": { $ref: "#/components/responses/BadRequest" }
 *       "404": { $ref: "#/components/responses/NotFound" }
 *       "405": { $ref: "#/components/responses/MethodNotAllowed" }
 *       "413": { $ref: "#/components/responses/PayloadTooLarge" }
 *       "415": { $ref: "#/components/responses/UnsupportedMediaType" }
 *       "500": { $ref: "#/components/responses/ServerError" }
 *       "503": { $ref: "#/components/responses/Unavailable" }
 *       "504": { $ref: "#/components/responses/DeadlineExceeded" }
 */

/**
 * @openapi
 * /openapi.json:
 *   get:
 *     tags: [Docs]
 *     operationId: openApi
 *     summary: This document
 *     responses:
 *       "200": { description: The document., content: { application/json: { schema: { type: object } } } }
 *       "405": { $ref: "#/components/responses/MethodNotAllowed" }
 *       "500": { $ref: "#/components/responses/ServerError" }
 * /docs:
 *   get:
 *     tags: [Docs]
 *     operationId: docs
 *     summary: Swagger UI
 *     responses:
 *       "200": { description: The page., content: { text/html: { schema: { type: string } } } }
 *       "405": { $ref: "#/components/responses/MethodNotAllowed" }
 *       "500": { $ref: "#/components/responses/ServerError" }
 */
export {};

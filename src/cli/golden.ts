/** Replays golden examples through the server's own decoder and runtime: what a client would get. */
import { fail, messageOf, problem, ProblemError, type Result } from '../base/index.js';
import { type GoldenTensor, replayGolden, type VerifiedVersion } from '../registry/index.js';

/** Loads the model and replays every example; ok with their number. */
export async function replayOnRuntime(version: VerifiedVersion): Promise<Result<number>> {
  const { createOnnxRuntime, decodeInferRequest, encodeInferResponse } = await import('../serving/index.js');
  try {
    const model = await createOnnxRuntime().load(version.modelFile, { threads: 1 });
    try {
      return await replayGolden(version.metadata, async (inputs) => {
        const body = new TextEncoder().encode(JSON.stringify({ inputs }));
        const request = decodeInferRequest(body, model.signature);
        if (!request.ok)
          throw new ProblemError(problem('GoldenInvalid', 'golden.examples', request.error.message));
        const outputs = await model.run(request.value.inputs, []);
        const response = encodeInferResponse(
          { modelName: version.name, modelVersion: version.version, outputs },
          { outputs: [], binaryOutputs: false },
        );
        if (!response.ok)
          throw new ProblemError(problem('GoldenInvalid', 'golden.examples', response.error.message));
        const text = Buffer.concat(response.value.chunks).toString('utf8');
        return (JSON.parse(text) as { outputs: GoldenTensor[] }).outputs;
      });
    } finally {
      await model.release();
    }
  } catch (error) {
    if (error instanceof ProblemError) return fail(error.problem);
    return fail(
      problem(
        'ModelFailed',
        version.modelFile,
        messageOf(error),
        'run "gantry model show" and compare the signature',
      ),
    );
  }
}
